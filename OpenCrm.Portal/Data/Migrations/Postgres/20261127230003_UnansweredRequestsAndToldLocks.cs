using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class UnansweredRequestsAndToldLocks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_MailedLinkRequests_At_Id",
                table: "MailedLinkRequests");

            migrationBuilder.AddColumn<bool>(
                name: "LockNoted",
                table: "Users",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "LockTold",
                table: "Users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Attempts",
                table: "MailedLinkRequests",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Failure",
                table: "MailedLinkRequests",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "NextAttemptAt",
                table: "MailedLinkRequests",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "PutAsideAt",
                table: "MailedLinkRequests",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "LockNoted",
                table: "DecoyAccounts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "LockTold",
                table: "DecoyAccounts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_MailedLinkRequests_At_Id",
                table: "MailedLinkRequests",
                columns: new[] { "At", "Id" },
                filter: "\"AnsweredAt\" IS NULL AND \"PutAsideAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_MailedLinkRequests_PutAsideAt",
                table: "MailedLinkRequests",
                column: "PutAsideAt",
                filter: "\"PutAsideAt\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_MailedLinkRequests_At_Id",
                table: "MailedLinkRequests");

            migrationBuilder.DropIndex(
                name: "IX_MailedLinkRequests_PutAsideAt",
                table: "MailedLinkRequests");

            migrationBuilder.DropColumn(
                name: "LockNoted",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "LockTold",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Attempts",
                table: "MailedLinkRequests");

            migrationBuilder.DropColumn(
                name: "Failure",
                table: "MailedLinkRequests");

            migrationBuilder.DropColumn(
                name: "NextAttemptAt",
                table: "MailedLinkRequests");

            migrationBuilder.DropColumn(
                name: "PutAsideAt",
                table: "MailedLinkRequests");

            migrationBuilder.DropColumn(
                name: "LockNoted",
                table: "DecoyAccounts");

            migrationBuilder.DropColumn(
                name: "LockTold",
                table: "DecoyAccounts");

            migrationBuilder.CreateIndex(
                name: "IX_MailedLinkRequests_At_Id",
                table: "MailedLinkRequests",
                columns: new[] { "At", "Id" },
                filter: "\"AnsweredAt\" IS NULL");
        }
    }
}
