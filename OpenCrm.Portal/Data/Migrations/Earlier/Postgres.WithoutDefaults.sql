-- Defaults that columns were given only because their tables had rows. The portal always writes these columns.
ALTER TABLE "Users" ALTER "LockNoted" DROP DEFAULT;
ALTER TABLE "MailedLinkRequests" ALTER "Attempts" DROP DEFAULT;
ALTER TABLE "DecoyAccounts" ALTER "LockNoted" DROP DEFAULT;
ALTER TABLE "Outbox" ALTER "Refusals" DROP DEFAULT;
ALTER TABLE "GeneralSettings" ALTER "NameRules" DROP DEFAULT;
