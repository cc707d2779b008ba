-- What the six migrations between the first release (commit 05ac81f) and v0.1.0 did. The defaults are for the rows that are there; WithoutDefaults
-- takes them away.

-- Requests for mailed links are tried again and put aside; a lock is told once.
DROP INDEX "IX_MailedLinkRequests_At_Id";
ALTER TABLE "Users" ADD "LockNoted" boolean NOT NULL DEFAULT FALSE;
ALTER TABLE "Users" ADD "LockTold" timestamp with time zone;
ALTER TABLE "MailedLinkRequests" ADD "Attempts" integer NOT NULL DEFAULT 0;
ALTER TABLE "MailedLinkRequests" ADD "Failure" character varying(100);
ALTER TABLE "MailedLinkRequests" ADD "NextAttemptAt" timestamp with time zone;
ALTER TABLE "MailedLinkRequests" ADD "PutAsideAt" timestamp with time zone;
ALTER TABLE "DecoyAccounts" ADD "LockNoted" boolean NOT NULL DEFAULT FALSE;
ALTER TABLE "DecoyAccounts" ADD "LockTold" timestamp with time zone;
CREATE INDEX "IX_MailedLinkRequests_At_Id" ON "MailedLinkRequests" ("At", "Id") WHERE "AnsweredAt" IS NULL AND "PutAsideAt" IS NULL;
CREATE INDEX "IX_MailedLinkRequests_PutAsideAt" ON "MailedLinkRequests" ("PutAsideAt") WHERE "PutAsideAt" IS NOT NULL;

-- Ratings of the help page.
CREATE TABLE "HelpRatings" (
    "UserId" uuid NOT NULL,
    "Stars" integer NOT NULL,
    "Comment" character varying(2000) NOT NULL,
    "At" timestamp with time zone NOT NULL,
    CONSTRAINT "PK_HelpRatings" PRIMARY KEY ("UserId"),
    CONSTRAINT "FK_HelpRatings_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE RESTRICT
);
CREATE INDEX "IX_HelpRatings_At_UserId" ON "HelpRatings" ("At", "UserId") WHERE "Comment" <> '';
CREATE INDEX "IX_HelpRatings_Stars" ON "HelpRatings" ("Stars");

-- The key that the wizard shows, while it is not confirmed.
CREATE TABLE "PendingEnrolments" (
    "Id" uuid NOT NULL,
    "SessionId" uuid NOT NULL,
    "UserId" uuid NOT NULL,
    "ProtectedKey" bytea,
    "Issuer" character varying(60) NOT NULL,
    "Account" character varying(64) NOT NULL,
    "Replaces" uuid,
    "Codes" integer NOT NULL,
    "ExpiresAt" timestamp with time zone NOT NULL,
    CONSTRAINT "PK_PendingEnrolments" PRIMARY KEY ("Id")
);
CREATE INDEX "IX_PendingEnrolments_ExpiresAt" ON "PendingEnrolments" ("ExpiresAt");
CREATE UNIQUE INDEX "IX_PendingEnrolments_SessionId_UserId" ON "PendingEnrolments" ("SessionId", "UserId");
CREATE INDEX "IX_PendingEnrolments_UserId" ON "PendingEnrolments" ("UserId");

-- How often a mail server refused.
ALTER TABLE "Outbox" ADD "Refusals" integer NOT NULL DEFAULT 0;

-- Zero: the start brings the names under today's rules, see NamesAtStart.
ALTER TABLE "GeneralSettings" ADD "NameRules" integer NOT NULL DEFAULT 0;

-- A public address that waits for its confirmation.
ALTER TABLE "GeneralSettings" ADD "PendingPublicUrl" text;
