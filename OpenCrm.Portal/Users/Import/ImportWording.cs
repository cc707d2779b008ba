using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users.Import;

/// <summary>Puts the rows of an import into words.</summary>
internal static class ImportWording
{
    /// <summary>In the order in which they are said.</summary>
    private static readonly IReadOnlyList<(ImportFaults Fault, Func<string> Word)> Faults =
    [
        (ImportFaults.TooManyFields, () => Texts.UserImport_TooManyFields),
        (ImportFaults.UsernameMissing, () => Texts.UserImport_UsernameMissing),
        (ImportFaults.UsernameInvalid, () => Texts.UserImport_UsernameInvalid),
        (ImportFaults.UsernameMixed, () => Texts.UserImport_UsernameMixed),
        (ImportFaults.UsernameUnreadable, () => Texts.UserImport_UsernameUnreadable),
        (ImportFaults.UsernameTwice, () => Texts.UserImport_UsernameTwice),
        (ImportFaults.NameInvalid, () => Texts.UserImport_NameInvalid),
        (ImportFaults.NameUnreadable, () => Texts.UserImport_NameUnreadable),
        (ImportFaults.EmailInvalid, () => Texts.UserImport_EmailInvalid),
        (ImportFaults.EmailUnreadable, () => Texts.UserImport_EmailUnreadable),
        (ImportFaults.EmailTwice, () => Texts.UserImport_EmailTwice),
        (ImportFaults.EmailTaken, () => Texts.Users_EmailTaken),
        (ImportFaults.Administrator, () => Texts.UserImport_Administrator),
        (ImportFaults.ChangedMeanwhile, () => Texts.UserImport_ChangedMeanwhile),
        (ImportFaults.NotWritten, () => Texts.UserImport_NotWritten),
    ];

    public static string Of(ImportColumn column) => column switch
    {
        ImportColumn.Name => Texts.Users_Name,
        ImportColumn.Email => Texts.Users_Email,
        _ => Texts.Users_Username,
    };

    public static string Of(ImportFilter filter) => filter switch
    {
        ImportFilter.New => Texts.UserImport_New,
        ImportFilter.Changed => Texts.UserImport_Changed,
        ImportFilter.Unchanged => Texts.UserImport_Unchanged,
        ImportFilter.Wrong => Texts.UserImport_Wrong,
        _ => Texts.UserImport_NotImported,
    };

    public static string Of(UserImportRow row) => (row.Result, row.Verdict) switch
    {
        (ImportResult.Created, _) => Texts.UserImport_RowCreated,
        (ImportResult.Changed, _) => Texts.UserImport_RowChanged,
        (ImportResult.SoAlready, _) => Texts.UserImport_RowSoAlready,
        (ImportResult.NotImported, _) => Texts.UserImport_NotImported,
        (_, ImportVerdict.New) => Texts.UserImport_New,
        (_, ImportVerdict.Changed) => Texts.UserImport_Changed,
        (_, ImportVerdict.Unchanged) => Texts.UserImport_Unchanged,
        _ => Texts.UserImport_Wrong,
    };

    public static StatusKind Dot(UserImportRow row) => (row.Result, row.Verdict) switch
    {
        (ImportResult.Created or ImportResult.Changed, _) => StatusKind.Ok,
        (ImportResult.NotImported, _) or (_, ImportVerdict.Wrong) => StatusKind.Danger,
        (ImportResult.Waiting, _) => StatusKind.Warn,
        _ => StatusKind.Neutral,
    };

    /// <summary>Says everything that is wrong with a row.</summary>
    public static IEnumerable<string> Why(UserImportRow row) =>
        Faults.Where(known => row.Faults.HasFlag(known.Fault)).Select(known => known.Word());

    /// <summary>How many rows pass the filter; all of them for null.</summary>
    public static int Number(UserImport import, ImportFilter? filter) => filter switch
    {
        ImportFilter.New => import.New,
        ImportFilter.Changed => import.Changed,
        ImportFilter.Unchanged => import.Unchanged,
        ImportFilter.Wrong => import.Wrong,
        ImportFilter.NotImported => import.NotImported,
        _ => import.Rows,
    };

    public static CappedCount Count(UserImport import, ImportFilter filter) => new(Number(import, filter));
}
