using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SeveralAuthenticators : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "AuthenticatorId",
                table: "PendingSignIns",
                newName: "EnrolmentId");

            migrationBuilder.RenameColumn(
                name: "AuthenticatorId",
                table: "MailedLinks",
                newName: "EnrolmentId");

            migrationBuilder.AddColumn<Guid>(
                name: "EnrolmentId",
                table: "PendingEnrolments",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Authenticators",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    ProtectedKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    KeyFingerprint = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    LastStep = table.Column<long>(type: "bigint", nullable: false),
                    SetUpAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    SetUpById = table.Column<Guid>(type: "uuid", nullable: false),
                    LastUsedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Authenticators", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Authenticators_KeyFingerprint",
                table: "Authenticators",
                column: "KeyFingerprint",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Authenticators_UserId",
                table: "Authenticators",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_Authenticators_WithoutFingerprint",
                table: "Authenticators",
                column: "Id",
                filter: "\"KeyFingerprint\" IS NULL");

            // By hand: the one authenticator of each user becomes the first of several, and its id that of the enrolment, so that sessions, half-done
            // sign-ins, open wizards and mailed links go on. The last step stays, so that no used code works again; the half minute it stands for is
            // when it was last used. Where only half of an enrolment is stored, half of one is left, and it is refused as before.
            migrationBuilder.Sql(
                """
                INSERT INTO "Authenticators" ("Id", "UserId", "Name", "ProtectedKey", "LastStep", "SetUpAt", "SetUpById", "LastUsedAt")
                    SELECT "AuthenticatorId", "Id", 'Authenticator app', "AuthenticatorKey", COALESCE("AuthenticatorLastStep", 0),
                        COALESCE("AuthenticatorSetUpAt", to_timestamp(0)), COALESCE("AuthenticatorSetUpById", "Id"),
                        CASE WHEN "AuthenticatorLastStep" > 0 THEN to_timestamp("AuthenticatorLastStep" * 30) END
                    FROM "Users" WHERE "AuthenticatorId" IS NOT NULL AND "AuthenticatorKey" IS NOT NULL;
                UPDATE "PendingEnrolments" SET "EnrolmentId" = "Replaces";
                """);

            migrationBuilder.RenameColumn(
                name: "AuthenticatorId",
                table: "Users",
                newName: "EnrolmentId");

            migrationBuilder.Sql(
                """
                ALTER TABLE "Users" DROP COLUMN "AuthenticatorKey";
                ALTER TABLE "Users" DROP COLUMN "AuthenticatorLastStep";
                ALTER TABLE "Users" DROP COLUMN "AuthenticatorSetUpAt";
                ALTER TABLE "Users" DROP COLUMN "AuthenticatorSetUpById";
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "AuthenticatorKey",
                table: "Users",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "AuthenticatorLastStep",
                table: "Users",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "AuthenticatorSetUpAt",
                table: "Users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "AuthenticatorSetUpById",
                table: "Users",
                type: "uuid",
                nullable: true);

            migrationBuilder.RenameColumn(
                name: "EnrolmentId",
                table: "Users",
                newName: "AuthenticatorId");

            // Of several, the oldest stays.
            migrationBuilder.Sql(
                """
                UPDATE "Users" SET "AuthenticatorKey" = a."ProtectedKey", "AuthenticatorLastStep" = a."LastStep",
                    "AuthenticatorSetUpAt" = a."SetUpAt", "AuthenticatorSetUpById" = a."SetUpById"
                FROM "Authenticators" AS a
                WHERE a."UserId" = "Users"."Id" AND "Users"."AuthenticatorId" IS NOT NULL AND a."Id" = (
                    SELECT o."Id" FROM "Authenticators" AS o WHERE o."UserId" = "Users"."Id" ORDER BY o."SetUpAt", o."Id" LIMIT 1);
                ALTER TABLE "PendingEnrolments" DROP COLUMN "EnrolmentId";
                """);

            migrationBuilder.DropTable(
                name: "Authenticators");

            migrationBuilder.RenameColumn(
                name: "EnrolmentId",
                table: "PendingSignIns",
                newName: "AuthenticatorId");

            migrationBuilder.RenameColumn(
                name: "EnrolmentId",
                table: "MailedLinks",
                newName: "AuthenticatorId");
        }
    }
}
