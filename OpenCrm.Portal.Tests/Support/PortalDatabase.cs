namespace OpenCrm.Portal.Tests.Support;

public enum PortalDatabase
{
    Sqlite,
    Postgres,
}

public static class PortalDatabases
{
    /// <summary>For <c>[MemberData]</c>: a case runs on both.</summary>
    public static TheoryData<PortalDatabase> Both => [PortalDatabase.Sqlite, PortalDatabase.Postgres];

    /// <summary>Settings for a new, empty database of that kind.</summary>
    public static async Task<PortalSettings> NewAsync(this PostgresCluster cluster, PortalDatabase kind)
    {
        if (kind == PortalDatabase.Sqlite)
            return new PortalSettings();
        Needs.Postgres();
        return PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync());
    }
}
