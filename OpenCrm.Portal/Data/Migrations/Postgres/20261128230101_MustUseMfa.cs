using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
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
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "WhoMustUseMfa",
                table: "SecuritySettings",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "MfaClock",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    PassedUntil = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MfaClock", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "MfaDeadlines",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    CoveredAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    DueAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    IsExtended = table.Column<bool>(type: "boolean", nullable: false),
                    IsOpen = table.Column<bool>(type: "boolean", nullable: false),
                    IsTold = table.Column<bool>(type: "boolean", nullable: false),
                    NextMailAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
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

            // By hand, because EF knows no triggers. Whatever changes whether a user has MFA keeps the index of open deadlines right.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION "FollowUsersMfa"() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE "MfaDeadlines" SET "IsOpen" = NOT NEW."TwoFactorEnabled" WHERE "UserId" = NEW."Id";
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER "MfaDeadlinesFollow" AFTER UPDATE OF "TwoFactorEnabled" ON "Users"
                    FOR EACH ROW WHEN (OLD."TwoFactorEnabled" IS DISTINCT FROM NEW."TwoFactorEnabled") EXECUTE FUNCTION "FollowUsersMfa"();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "MfaDeadlinesFollow" ON "Users"; DROP FUNCTION "FollowUsersMfa"();""");

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
