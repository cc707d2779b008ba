using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Users;

/// <summary>Maps the downloads of the user list (docs/spec.md 5.1) and of the sample for an import.</summary>
public static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCsv<UserExport>(PortalUrls.UsersExport, "users.csv", (export, asked, cancel) =>
            export.WriteAsync(asked.SessionId, asked.Address, UserQuery.Parse(asked.QueryString), asked.Open, cancel));
        endpoints.MapCsv<ImportSample>(
            PortalUrls.UsersImportSample, "sample.csv", (sample, asked, cancel) => sample.WriteAsync(asked.SessionId, asked.Open, cancel));
    }
}
