using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenCrm.Portal.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UserListOfTheFew : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_LastSignInAt",
                table: "Users",
                columns: new[] { "LastSignInAt", "Id" },
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_NormalizedEmail",
                table: "Users",
                column: "NormalizedEmail",
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_NormalizedName",
                table: "Users",
                columns: new[] { "NormalizedName", "Id" },
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_NormalizedUserName",
                table: "Users",
                column: "NormalizedUserName",
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_State",
                table: "Users",
                columns: new[] { "State", "Id" },
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Administrators_TwoFactorEnabled",
                table: "Users",
                columns: new[] { "TwoFactorEnabled", "Id" },
                filter: "\"IsSystemAdministrator\"");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_IsSystemAdministrator",
                table: "Users",
                columns: new[] { "State", "IsSystemAdministrator", "Id" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_LastSignInAt",
                table: "Users",
                columns: new[] { "State", "LastSignInAt", "Id" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_NormalizedEmail",
                table: "Users",
                columns: new[] { "State", "NormalizedEmail" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_NormalizedName",
                table: "Users",
                columns: new[] { "State", "NormalizedName", "Id" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_NormalizedUserName",
                table: "Users",
                columns: new[] { "State", "NormalizedUserName" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Users_Barred_TwoFactorEnabled",
                table: "Users",
                columns: new[] { "State", "TwoFactorEnabled", "Id" },
                filter: "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_LastSignInAt",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_NormalizedEmail",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_NormalizedName",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_NormalizedUserName",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_State",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Administrators_TwoFactorEnabled",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_IsSystemAdministrator",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_LastSignInAt",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_NormalizedEmail",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_NormalizedName",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_NormalizedUserName",
                table: "Users");

            migrationBuilder.DropIndex(
                name: "IX_Users_Barred_TwoFactorEnabled",
                table: "Users");
        }
    }
}
