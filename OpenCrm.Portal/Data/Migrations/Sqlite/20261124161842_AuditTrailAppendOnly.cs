using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <summary>
    /// By hand: events are added, never changed or deleted (spec 9.1). A later migration that rebuilds the table must make these triggers again: SQLite drops them with it.
    /// </summary>
    public partial class AuditTrailAppendOnly : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            CREATE TRIGGER "AuditTrailNoUpdate" BEFORE UPDATE ON "AuditTrail"
                BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only: UPDATE is refused.'); END;
            CREATE TRIGGER "AuditTrailNoDelete" BEFORE DELETE ON "AuditTrail"
                BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only: DELETE is refused.'); END;
            -- INSERT OR REPLACE deletes without asking the trigger above.
            CREATE TRIGGER "AuditTrailNoReplace" BEFORE INSERT ON "AuditTrail" WHEN EXISTS (SELECT 1 FROM "AuditTrail" WHERE "Id" = NEW."Id")
                BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only: REPLACE is refused.'); END;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            DROP TRIGGER "AuditTrailNoReplace";
            DROP TRIGGER "AuditTrailNoDelete";
            DROP TRIGGER "AuditTrailNoUpdate";
            """);
    }
}
