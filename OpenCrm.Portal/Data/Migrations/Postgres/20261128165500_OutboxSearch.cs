using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class OutboxSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // By hand, because the index needs an extension (as IX_Users_SearchText does): a fragment is found by its trigrams. The expression is the one
            // that the outbox page asks with, to the letter.
            migrationBuilder.Sql(
                """
                DO $$
                BEGIN
                    CREATE EXTENSION IF NOT EXISTS pg_trgm;
                    CREATE INDEX "IX_Outbox_Search" ON "Outbox" USING gin
                        (upper("RecipientAddress" || E'\n' || "RecipientName" || E'\n' || COALESCE("Subject", '')) gin_trgm_ops);
                EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
                    RAISE WARNING 'The outbox is searched without an index: pg_trgm could not be created (%).', SQLERRM;
                END
                $$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("""DROP INDEX IF EXISTS "IX_Outbox_Search";""");
    }
}
