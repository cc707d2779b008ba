using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
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
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "LockTold",
                table: "Users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Attempts",
                table: "MailedLinkRequests",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Failure",
                table: "MailedLinkRequests",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NextAttemptAt",
                table: "MailedLinkRequests",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PutAsideAt",
                table: "MailedLinkRequests",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "LockNoted",
                table: "DecoyAccounts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "LockTold",
                table: "DecoyAccounts",
                type: "INTEGER",
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
