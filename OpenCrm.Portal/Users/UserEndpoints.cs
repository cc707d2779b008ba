using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Maps the download of the user list (docs/spec.md 5.1).</summary>
public static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCsv<UserExport>(PortalUrls.UsersExport, "users.csv", (export, asked, cancel) =>
            export.WriteAsync(asked.SessionId, asked.Address, UserQuery.Parse(asked.QueryString), asked.Open, cancel));
}
