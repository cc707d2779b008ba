using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UserImports : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "UserImports",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    OwnerId = table.Column<Guid>(type: "TEXT", nullable: false),
                    FileName = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    ReadAsWindows = table.Column<bool>(type: "INTEGER", nullable: false),
                    Ignored = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    New = table.Column<int>(type: "INTEGER", nullable: false),
                    Changed = table.Column<int>(type: "INTEGER", nullable: false),
                    Unchanged = table.Column<int>(type: "INTEGER", nullable: false),
                    Wrong = table.Column<int>(type: "INTEGER", nullable: false),
                    PeopleCreated = table.Column<int>(type: "INTEGER", nullable: false),
                    PeopleChanged = table.Column<int>(type: "INTEGER", nullable: false),
                    NotImported = table.Column<int>(type: "INTEGER", nullable: false),
                    SoAlready = table.Column<int>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Address = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    NextInvitationAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UserImports", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "UserImportRows",
                columns: table => new
                {
                    ImportId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Line = table.Column<int>(type: "INTEGER", nullable: false),
                    Username = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    Verdict = table.Column<int>(type: "INTEGER", nullable: false),
                    UserId = table.Column<Guid>(type: "TEXT", nullable: true),
                    OldName = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    OldEmail = table.Column<string>(type: "TEXT", maxLength: 254, nullable: true),
                    Result = table.Column<int>(type: "INTEGER", nullable: false),
                    Faults = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UserImportRows", x => new { x.ImportId, x.Line });
                    table.ForeignKey(
                        name: "FK_UserImportRows_UserImports_ImportId",
                        column: x => x.ImportId,
                        principalTable: "UserImports",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_UserImportRows_ImportId_Line",
                table: "UserImportRows",
                columns: new[] { "ImportId", "Line" },
                filter: "\"Result\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_UserImportRows_ImportId_Verdict_Line",
                table: "UserImportRows",
                columns: new[] { "ImportId", "Verdict", "Line" });

            migrationBuilder.CreateIndex(
                name: "IX_UserImports_OwnerId_Id",
                table: "UserImports",
                columns: new[] { "OwnerId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_UserImports_State",
                table: "UserImports",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "UserImportRows");

            migrationBuilder.DropTable(
                name: "UserImports");
        }
    }
}
