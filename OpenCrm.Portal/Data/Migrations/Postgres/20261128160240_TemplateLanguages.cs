using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class TemplateLanguages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_MailTemplateVersions",
                table: "MailTemplateVersions");

            migrationBuilder.DropPrimaryKey(
                name: "PK_MailTemplates",
                table: "MailTemplates");

            migrationBuilder.AddColumn<string>(
                name: "BrowserLanguage",
                table: "Users",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "Outbox",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "en");

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "MailTemplateVersions",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "en");

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "MailTemplates",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "en");

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "MailedLinkRequests",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "PK_MailTemplateVersions",
                table: "MailTemplateVersions",
                columns: new[] { "Key", "Language", "Version" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_MailTemplates",
                table: "MailTemplates",
                columns: new[] { "Key", "Language" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_MailTemplateVersions",
                table: "MailTemplateVersions");

            migrationBuilder.DropPrimaryKey(
                name: "PK_MailTemplates",
                table: "MailTemplates");

            migrationBuilder.DropColumn(
                name: "BrowserLanguage",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "MailTemplateVersions");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "MailTemplates");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "MailedLinkRequests");

            migrationBuilder.AddPrimaryKey(
                name: "PK_MailTemplateVersions",
                table: "MailTemplateVersions",
                columns: new[] { "Key", "Version" });

            migrationBuilder.AddPrimaryKey(
                name: "PK_MailTemplates",
                table: "MailTemplates",
                column: "Key");
        }
    }
}
