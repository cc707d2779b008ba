using Microsoft.EntityFrameworkCore;

namespace OpenCrm.Portal.Data;

/// <summary>Who may bring the schema up to date.</summary>
public enum Migrates
{
    /// <summary>The portal itself.</summary>
    WhenPending,

    /// <summary>The command that creates the first administrator, if there is no schema at all.</summary>
    OnEmpty,

    /// <summary>Every other command: a portal of another version may be running on the same database.</summary>
    Never,
}

/// <summary>Reads the database's own list of migrations before anything is changed.</summary>
internal static class SchemaState
{
    /// <summary>
    /// Whether the schema has to be brought up to date now. Asked first, because EF's migration writes even if nothing is pending, and a database
    /// user who may not create tables would be refused.
    /// </summary>
    /// <exception cref="StartRefusedException">The schema is newer than this build, or older and not the caller's to change.</exception>
    public static async Task<bool> MustMigrateAsync(PortalDbContext context, Migrates who, string place)
    {
        var known = context.Database.GetMigrations().ToList();
        var applied = (await context.Database.GetAppliedMigrationsAsync()).ToList();
        var earlier = EarlierSchema.Among(context, applied);
        if (applied.Except(known).Except(earlier).Order(StringComparer.Ordinal).LastOrDefault() is { } newer)
            throw new StartRefusedException(
                $"A newer version of the portal has changed {place}: it holds the migration {newer}, which this version does not know. "
                + "Start the newer version, or restore the backup from before the update.");
        if (earlier.Count > 0 && !EarlierSchema.CanCarryOver(context, applied))
            throw new StartRefusedException(
                $"{Capital(place)} was last used by a version between those that this one can carry over: "
                + $"its last migration is {earlier.Max(StringComparer.Ordinal)}. "
                + $"Start the last version before v0.1.0 (commit {EarlierSchema.LastCommit}) once, which brings it up to date, then this version.");
        if (!known.Except(applied).Any()) return false;
        return (who, applied.Count) switch
        {
            (Migrates.WhenPending, _) or (Migrates.OnEmpty, 0) => true,
            (_, 0) => throw new StartRefusedException($"There is nothing in {place} yet: start the portal once, or use create-admin."),
            _ => throw new StartRefusedException(
                $"{Capital(place)} was last used by an older version of the portal: start this version once, which brings it up to date."),
        };
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
