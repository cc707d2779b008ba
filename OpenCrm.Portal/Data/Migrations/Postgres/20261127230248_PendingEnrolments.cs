using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class PendingEnrolments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "PendingEnrolments",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SessionId = table.Column<Guid>(type: "uuid", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    ProtectedKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    Issuer = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Account = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Replaces = table.Column<Guid>(type: "uuid", nullable: true),
                    Codes = table.Column<int>(type: "integer", nullable: false),
                    ExpiresAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingEnrolments", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_PendingEnrolments_ExpiresAt",
                table: "PendingEnrolments",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_PendingEnrolments_SessionId_UserId",
                table: "PendingEnrolments",
                columns: new[] { "SessionId", "UserId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PendingEnrolments_UserId",
                table: "PendingEnrolments",
                column: "UserId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "PendingEnrolments");
        }
    }
}
