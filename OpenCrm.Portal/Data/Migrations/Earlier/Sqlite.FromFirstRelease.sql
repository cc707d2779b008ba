-- What the six migrations between the first release (commit 05ac81f) and v0.1.0 did. SQLite adds a column without rebuilding its table, so neither
-- the triggers of the audit trail nor any foreign key is touched. The defaults are for the rows that are there; they stay, because SQLite would
-- have to rebuild the tables to take them away, and the portal always writes these columns.

-- Requests for mailed links are tried again and put aside; a lock is told once.
DROP INDEX "IX_MailedLinkRequests_At_Id";
ALTER TABLE "Users" ADD "LockNoted" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Users" ADD "LockTold" INTEGER NULL;
ALTER TABLE "MailedLinkRequests" ADD "Attempts" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "MailedLinkRequests" ADD "Failure" TEXT NULL;
ALTER TABLE "MailedLinkRequests" ADD "NextAttemptAt" INTEGER NULL;
ALTER TABLE "MailedLinkRequests" ADD "PutAsideAt" INTEGER NULL;
ALTER TABLE "DecoyAccounts" ADD "LockNoted" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "DecoyAccounts" ADD "LockTold" INTEGER NULL;
CREATE INDEX "IX_MailedLinkRequests_At_Id" ON "MailedLinkRequests" ("At", "Id") WHERE "AnsweredAt" IS NULL AND "PutAsideAt" IS NULL;
CREATE INDEX "IX_MailedLinkRequests_PutAsideAt" ON "MailedLinkRequests" ("PutAsideAt") WHERE "PutAsideAt" IS NOT NULL;

-- Ratings of the help page.
CREATE TABLE "HelpRatings" (
    "UserId" TEXT NOT NULL CONSTRAINT "PK_HelpRatings" PRIMARY KEY,
    "Stars" INTEGER NOT NULL,
    "Comment" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    CONSTRAINT "FK_HelpRatings_Users_UserId" FOREIGN KEY ("UserId") REFERENCES "Users" ("Id") ON DELETE RESTRICT
);
CREATE INDEX "IX_HelpRatings_At_UserId" ON "HelpRatings" ("At", "UserId") WHERE "Comment" <> '';
CREATE INDEX "IX_HelpRatings_Stars" ON "HelpRatings" ("Stars");

-- The key that the wizard shows, while it is not confirmed.
CREATE TABLE "PendingEnrolments" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_PendingEnrolments" PRIMARY KEY,
    "SessionId" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "ProtectedKey" BLOB NULL,
    "Issuer" TEXT NOT NULL,
    "Account" TEXT NOT NULL,
    "Replaces" TEXT NULL,
    "Codes" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NOT NULL
);
CREATE INDEX "IX_PendingEnrolments_ExpiresAt" ON "PendingEnrolments" ("ExpiresAt");
CREATE UNIQUE INDEX "IX_PendingEnrolments_SessionId_UserId" ON "PendingEnrolments" ("SessionId", "UserId");
CREATE INDEX "IX_PendingEnrolments_UserId" ON "PendingEnrolments" ("UserId");

-- How often a mail server refused.
ALTER TABLE "Outbox" ADD "Refusals" INTEGER NOT NULL DEFAULT 0;

-- Zero: the start brings the names under today's rules, see NamesAtStart.
ALTER TABLE "GeneralSettings" ADD "NameRules" INTEGER NOT NULL DEFAULT 0;

-- A public address that waits for its confirmation.
ALTER TABLE "GeneralSettings" ADD "PendingPublicUrl" TEXT NULL;
