using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RecoveryCodes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "StandIn",
                table: "SignInTickets",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "StandIn",
                table: "Sessions",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "RecoveryCodes",
                columns: table => new
                {
                    SetId = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    UsedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RecoveryCodes", x => new { x.SetId, x.Number });
                });

            migrationBuilder.CreateTable(
                name: "RecoveryCodeSets",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    Salt = table.Column<byte[]>(type: "bytea", maxLength: 16, nullable: false),
                    MemoryKiB = table.Column<int>(type: "integer", nullable: false),
                    Passes = table.Column<int>(type: "integer", nullable: false),
                    MadeAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    MadeInSessionId = table.Column<Guid>(type: "uuid", nullable: true),
                    SavedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RecoveryCodeSets", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_RecoveryCodeSets_UserId",
                table: "RecoveryCodeSets",
                column: "UserId",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "RecoveryCodes");

            migrationBuilder.DropTable(
                name: "RecoveryCodeSets");

            migrationBuilder.DropColumn(
                name: "StandIn",
                table: "SignInTickets");

            migrationBuilder.DropColumn(
                name: "StandIn",
                table: "Sessions");
        }
    }
}
