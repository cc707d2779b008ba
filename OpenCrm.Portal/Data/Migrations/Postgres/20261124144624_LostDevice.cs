using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class LostDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "LostDeviceLinkMinutes",
                table: "SecuritySettings",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<Guid>(
                name: "AuthenticatorId",
                table: "MailedLinks",
                type: "uuid",
                nullable: true);

            migrationBuilder.UpdateData(
                table: "SecuritySettings",
                keyColumn: "Id",
                keyValue: 1,
                column: "LostDeviceLinkMinutes",
                value: 30);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "LostDeviceLinkMinutes",
                table: "SecuritySettings");

            migrationBuilder.DropColumn(
                name: "AuthenticatorId",
                table: "MailedLinks");
        }
    }
}
