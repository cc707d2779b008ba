using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class EmailTemplatesAndOutbox : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "ProtectedText",
                table: "Outbox",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Subject",
                table: "Outbox",
                type: "character varying(220)",
                maxLength: 220,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "FailedAt",
                table: "MailTemplates",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Failure",
                table: "MailTemplates",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "MailTemplateVersions",
                columns: table => new
                {
                    Key = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Subject = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    HtmlBody = table.Column<string>(type: "character varying(60000)", maxLength: 60000, nullable: false),
                    TextBody = table.Column<string>(type: "character varying(60000)", maxLength: 60000, nullable: false),
                    Change = table.Column<int>(type: "integer", nullable: false),
                    Parts = table.Column<int>(type: "integer", nullable: false),
                    SavedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    SavedBy = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MailTemplateVersions", x => new { x.Key, x.Version });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_State_CreatedAt_Id",
                table: "Outbox",
                columns: new[] { "State", "CreatedAt", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "MailTemplateVersions");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_State_CreatedAt_Id",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "ProtectedText",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "Subject",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "FailedAt",
                table: "MailTemplates");

            migrationBuilder.DropColumn(
                name: "Failure",
                table: "MailTemplates");
        }
    }
}
