using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Branding : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "AccentColour",
                table: "GeneralSettings",
                type: "character varying(7)",
                maxLength: 7,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LogoHash",
                table: "GeneralSettings",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "LogoPictures",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    ContentType = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    Ground = table.Column<int>(type: "integer", nullable: false),
                    Bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LogoPictures", x => x.Id);
                });

            migrationBuilder.UpdateData(
                table: "GeneralSettings",
                keyColumn: "Id",
                keyValue: 1,
                columns: new[] { "AccentColour", "LogoHash" },
                values: new object[] { null, null });

            migrationBuilder.CreateIndex(
                name: "IX_LogoPictures_Hash",
                table: "LogoPictures",
                column: "Hash");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "LogoPictures");

            migrationBuilder.DropColumn(
                name: "AccentColour",
                table: "GeneralSettings");

            migrationBuilder.DropColumn(
                name: "LogoHash",
                table: "GeneralSettings");
        }
    }
}
