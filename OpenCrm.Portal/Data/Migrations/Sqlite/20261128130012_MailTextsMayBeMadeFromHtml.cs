using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <summary>A template may have no text of its own. What was edited before keeps the one it has.</summary>
    public partial class MailTextsMayBeMadeFromHtml : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "TextBody",
                table: "MailTemplateVersions",
                type: "TEXT",
                maxLength: 60000,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 60000);

            migrationBuilder.AlterColumn<string>(
                name: "TextBody",
                table: "MailTemplates",
                type: "TEXT",
                maxLength: 60000,
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 60000);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "TextBody",
                table: "MailTemplateVersions",
                type: "TEXT",
                maxLength: 60000,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 60000,
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "TextBody",
                table: "MailTemplates",
                type: "TEXT",
                maxLength: 60000,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 60000,
                oldNullable: true);
        }
    }
}
