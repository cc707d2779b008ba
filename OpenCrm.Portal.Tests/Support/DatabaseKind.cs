namespace OpenCrm.Portal.Tests.Support;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

public static class DatabaseKinds
{
    /// <summary>Both databases, for <c>[MemberData]</c>: the test runs on each.</summary>
    public static TheoryData<DatabaseKind> Both => [DatabaseKind.Sqlite, DatabaseKind.Postgres];

    /// <summary>Returns settings for a new, empty database of that kind.</summary>
    public static async Task<PortalSettings> NewAsync(this PostgresCluster cluster, DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
            return new PortalSettings();
        Needs.Postgres();
        return PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync());
    }
}
