using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class MustUseMfa : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "MfaSetupDays",
                table: "SecuritySettings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "WhoMustUseMfa",
                table: "SecuritySettings",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "MfaClock",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    PassedUntil = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MfaClock", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "MfaDeadlines",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "TEXT", nullable: false),
                    CoveredAt = table.Column<long>(type: "INTEGER", nullable: false),
                    DueAt = table.Column<long>(type: "INTEGER", nullable: false),
                    IsExtended = table.Column<bool>(type: "INTEGER", nullable: false),
                    IsOpen = table.Column<bool>(type: "INTEGER", nullable: false),
                    IsTold = table.Column<bool>(type: "INTEGER", nullable: false),
                    NextMailAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MfaDeadlines", x => x.UserId);
                });

            migrationBuilder.InsertData(
                table: "MfaClock",
                columns: new[] { "Id", "PassedUntil" },
                values: new object[] { 1, null });

            migrationBuilder.UpdateData(
                table: "SecuritySettings",
                keyColumn: "Id",
                keyValue: 1,
                columns: new[] { "MfaSetupDays", "WhoMustUseMfa" },
                values: new object[] { 7, 0 });

            migrationBuilder.CreateIndex(
                name: "IX_MfaDeadlines_NextMailAt",
                table: "MfaDeadlines",
                column: "NextMailAt",
                filter: "\"NextMailAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_MfaDeadlines_Open",
                table: "MfaDeadlines",
                columns: new[] { "DueAt", "UserId" },
                filter: "\"IsOpen\"");

            // By hand, because EF knows no triggers. Whatever changes whether a user has MFA keeps the index of open deadlines right. A migration
            // that builds the table of users anew must make it again; MfaDeadlineTests fails without it.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "MfaDeadlinesFollow" AFTER UPDATE OF "TwoFactorEnabled" ON "Users"
                WHEN old."TwoFactorEnabled" IS NOT new."TwoFactorEnabled" BEGIN
                    UPDATE "MfaDeadlines" SET "IsOpen" = NOT new."TwoFactorEnabled" WHERE "UserId" = new."Id";
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "MfaDeadlinesFollow";""");

            migrationBuilder.DropTable(
                name: "MfaClock");

            migrationBuilder.DropTable(
                name: "MfaDeadlines");

            migrationBuilder.DropColumn(
                name: "MfaSetupDays",
                table: "SecuritySettings");

            migrationBuilder.DropColumn(
                name: "WhoMustUseMfa",
                table: "SecuritySettings");
        }
    }
}
