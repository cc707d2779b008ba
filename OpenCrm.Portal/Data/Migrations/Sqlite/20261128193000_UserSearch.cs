using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UserSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // By hand, because EF knows neither full-text tables nor triggers. The numbers have a table of their own: SQLite may change the row
            // numbers of the table of users when an operator vacuums the file. The triggers see every way to write a user. A migration that builds
            // the table of users anew must make them again; UserSearchIndexTests fails without them.
            migrationBuilder.Sql(
                """
                CREATE TABLE "UserSearchRows" ("Number" INTEGER NOT NULL PRIMARY KEY, "UserId" TEXT NOT NULL UNIQUE);
                CREATE VIRTUAL TABLE "UserSearch" USING fts5("SearchText", content='', contentless_delete=1, tokenize='trigram');
                INSERT INTO "UserSearchRows" ("UserId") SELECT "Id" FROM "Users";
                INSERT INTO "UserSearch" (rowid, "SearchText")
                    SELECT r."Number", u."SearchText" FROM "UserSearchRows" AS r JOIN "Users" AS u ON u."Id" = r."UserId";

                CREATE TRIGGER "UserSearch_Inserted" AFTER INSERT ON "Users" BEGIN
                    INSERT INTO "UserSearchRows" ("UserId") VALUES (new."Id");
                    INSERT INTO "UserSearch" (rowid, "SearchText")
                        SELECT "Number", new."SearchText" FROM "UserSearchRows" WHERE "UserId" = new."Id";
                END;
                CREATE TRIGGER "UserSearch_Updated" AFTER UPDATE OF "NormalizedUserName", "NormalizedName", "NormalizedEmail" ON "Users"
                WHEN old."SearchText" IS NOT new."SearchText" BEGIN
                    UPDATE "UserSearch" SET "SearchText" = new."SearchText"
                        WHERE rowid = (SELECT "Number" FROM "UserSearchRows" WHERE "UserId" = new."Id");
                END;
                CREATE TRIGGER "UserSearch_Deleted" AFTER DELETE ON "Users" BEGIN
                    DELETE FROM "UserSearch" WHERE rowid = (SELECT "Number" FROM "UserSearchRows" WHERE "UserId" = old."Id");
                    DELETE FROM "UserSearchRows" WHERE "UserId" = old."Id";
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            DROP TRIGGER "UserSearch_Inserted";
            DROP TRIGGER "UserSearch_Updated";
            DROP TRIGGER "UserSearch_Deleted";
            DROP TABLE "UserSearch";
            DROP TABLE "UserSearchRows";
            """);
    }
}
