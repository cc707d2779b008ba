using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Postgres
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
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    OwnerId = table.Column<Guid>(type: "uuid", nullable: false),
                    FileName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    ReadAsWindows = table.Column<bool>(type: "boolean", nullable: false),
                    Ignored = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    New = table.Column<int>(type: "integer", nullable: false),
                    Changed = table.Column<int>(type: "integer", nullable: false),
                    Unchanged = table.Column<int>(type: "integer", nullable: false),
                    Wrong = table.Column<int>(type: "integer", nullable: false),
                    PeopleCreated = table.Column<int>(type: "integer", nullable: false),
                    PeopleChanged = table.Column<int>(type: "integer", nullable: false),
                    NotImported = table.Column<int>(type: "integer", nullable: false),
                    SoAlready = table.Column<int>(type: "integer", nullable: false),
                    StartedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    Address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    NextInvitationAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UserImports", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "UserImportRows",
                columns: table => new
                {
                    ImportId = table.Column<Guid>(type: "uuid", nullable: false),
                    Line = table.Column<int>(type: "integer", nullable: false),
                    Username = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    Name = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    Email = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    Verdict = table.Column<int>(type: "integer", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: true),
                    OldName = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    OldEmail = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    Result = table.Column<int>(type: "integer", nullable: false),
                    Faults = table.Column<int>(type: "integer", nullable: false)
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
