using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <summary>By hand: events are added, never changed or deleted (spec 9.1). For each statement, so that TRUNCATE is refused too.</summary>
    public partial class AuditTrailAppendOnly : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            CREATE FUNCTION "RefuseAuditTrailChange"() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'The audit trail is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
            END
            $$;
            CREATE TRIGGER "AuditTrailAppendOnly" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditTrail"
                FOR EACH STATEMENT EXECUTE FUNCTION "RefuseAuditTrailChange"();
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            DROP TRIGGER "AuditTrailAppendOnly" ON "AuditTrail";
            DROP FUNCTION "RefuseAuditTrailChange"();
            """);
    }
}
