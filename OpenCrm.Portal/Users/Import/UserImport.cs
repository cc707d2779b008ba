using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Users.Import;

/// <summary>
/// A CSV file that an administrator uploaded, with the answer of each of its rows. It is stored, so that F5, another node or a restart goes on where
/// it was. Only who uploaded it sees it.
/// </summary>
public sealed class UserImport
{
    /// <summary>A UUID of version 7, so that the newest one is the greatest.</summary>
    public Guid Id { get; init; }

    public Guid OwnerId { get; init; }

    public required string FileName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public ImportState State { get; init; }

    /// <summary>Whether the file was not in Unicode and was read as Windows-1252.</summary>
    public bool ReadAsWindows { get; init; }

    /// <summary>The headings that mean nothing here, separated by commas; empty if there are none.</summary>
    public string Ignored { get; init; } = "";

    /// <summary>How many rows had each verdict when the file was read.</summary>
    public int New { get; init; }

    /// <inheritdoc cref="New" />
    public int Changed { get; init; }

    /// <inheritdoc cref="New" />
    public int Unchanged { get; init; }

    /// <inheritdoc cref="New" />
    public int Wrong { get; init; }

    /// <summary>How many people were created so far.</summary>
    public int PeopleCreated { get; init; }

    /// <summary>How many people were changed so far.</summary>
    public int PeopleChanged { get; init; }

    /// <summary>How many rows were new or changed when the file was read, and could not be imported any more.</summary>
    public int NotImported { get; init; }

    /// <summary>How many rows turned out to be so already when their turn came.</summary>
    public int SoAlready { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The client address from which the import was started, for the audit trail.</summary>
    public string? Address { get; init; }

    /// <summary>When the next invitation goes out; null until the import was started.</summary>
    public DateTimeOffset? NextInvitationAt { get; init; }

    /// <summary>How many rows there are to import.</summary>
    public int ToImport => New + Changed;

    /// <summary>How many of them have had their turn.</summary>
    public int Processed => PeopleCreated + PeopleChanged + NotImported + SoAlready;

    public int Rows => New + Changed + Unchanged + Wrong;
}

/// <summary>What an import is doing.</summary>
public enum ImportState
{
    /// <summary>The file is being read. If its node ends meanwhile, the rows are never complete and are deleted later.</summary>
    Reading = 0,

    /// <summary>The file is read; nothing is imported.</summary>
    Checked = 1,

    Running = 2,

    /// <summary>The administrator stopped it; it can go on.</summary>
    Stopped = 3,

    /// <summary>It stopped, because who started it may not do it any more.</summary>
    WithoutRight = 4,

    Done = 5,
}

/// <summary>A row of the file, with what the import does about it.</summary>
public sealed class UserImportRow
{
    public Guid ImportId { get; init; }

    /// <summary>The line of the file in which the row begins.</summary>
    public int Line { get; init; }

    public required string Username { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public ImportVerdict Verdict { get; init; }

    /// <summary>The person whom the row changes; null for the others.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The person's name when the file was read, if the row changes the person.</summary>
    public string? OldName { get; init; }

    /// <inheritdoc cref="OldName" />
    public string? OldEmail { get; init; }

    public ImportResult Result { get; init; }

    /// <summary>Why the row is wrong or was not imported.</summary>
    public ImportFaults Faults { get; init; }
}

/// <summary>What a row would do, as found when the file was read.</summary>
public enum ImportVerdict
{
    New = 0,
    Changed = 1,
    Unchanged = 2,
    Wrong = 3,
}

/// <summary>What became of a row.</summary>
public enum ImportResult
{
    /// <summary>It waits for its turn.</summary>
    Waiting = 0,

    /// <summary>There is nothing to do: the row is unchanged or wrong.</summary>
    Nothing = 1,

    Created = 2,
    Changed = 3,

    /// <summary>It was so already when its turn came.</summary>
    SoAlready = 4,

    /// <summary>Its turn came, and it could not be imported any more.</summary>
    NotImported = 5,
}

/// <summary>What is wrong with a row; several at once are possible.</summary>
[Flags]
public enum ImportFaults
{
    None = 0,
    UsernameMissing = 1,
    UsernameInvalid = 1 << 1,
    UsernameMixed = 1 << 2,
    UsernameUnreadable = 1 << 3,
    NameInvalid = 1 << 4,
    NameUnreadable = 1 << 5,
    EmailInvalid = 1 << 6,
    EmailUnreadable = 1 << 7,
    EmailTaken = 1 << 8,

    /// <summary>An earlier row of the file has this username.</summary>
    UsernameTwice = 1 << 9,

    /// <summary>An earlier row of the file has this e-mail address.</summary>
    EmailTwice = 1 << 10,

    /// <summary>The row would change a system administrator (docs/spec.md 3.5).</summary>
    Administrator = 1 << 11,

    /// <summary>The row has more fields than there are headings, so that its values may stand in the wrong columns.</summary>
    TooManyFields = 1 << 12,

    /// <summary>The person is not any more as the dry run showed it.</summary>
    ChangedMeanwhile = 1 << 13,

    /// <summary>The database refused the row; the log says why.</summary>
    NotWritten = 1 << 14,
}

internal sealed class UserImportConfiguration : IEntityTypeConfiguration<UserImport>
{
    public const int FileNameLength = 200, IgnoredLength = 500;

    public void Configure(EntityTypeBuilder<UserImport> import)
    {
        import.ToTable("UserImports");
        import.Property(i => i.Id).ValueGeneratedNever();
        import.Property(i => i.FileName).HasMaxLength(FileNameLength);
        import.Property(i => i.State).HasConversion<int>();
        import.Property(i => i.Ignored).HasMaxLength(IgnoredLength);
        import.Property(i => i.Address).HasMaxLength(64);
        import.HasIndex(i => new { i.OwnerId, i.Id });
        import.HasIndex(i => i.State);
    }
}

internal sealed class UserImportRowConfiguration : IEntityTypeConfiguration<UserImportRow>
{
    public void Configure(EntityTypeBuilder<UserImportRow> row)
    {
        row.ToTable("UserImportRows").HasKey(r => new { r.ImportId, r.Line });
        row.Property(r => r.Line).ValueGeneratedNever();
        row.HasOne<UserImport>().WithMany().HasForeignKey(r => r.ImportId).OnDelete(DeleteBehavior.Cascade);
        row.Property(r => r.Username).HasMaxLength(ImportLine.ShownLength);
        row.Property(r => r.Name).HasMaxLength(ImportLine.ShownLength);
        row.Property(r => r.Email).HasMaxLength(ImportLine.ShownLength);
        row.Property(r => r.OldName).HasMaxLength(PortalUser.NameLength);
        row.Property(r => r.OldEmail).HasMaxLength(AccountName.EmailLength);
        row.Property(r => r.Verdict).HasConversion<int>();
        row.Property(r => r.Result).HasConversion<int>();
        row.Property(r => r.Faults).HasConversion<int>();
        row.HasIndex(r => new { r.ImportId, r.Verdict, r.Line });
        // Holds only waiting rows, so that the last batch of a long file is found as fast as the first.
        row.HasIndex(r => new { r.ImportId, r.Line }).HasFilter("\"Result\" = 0");
    }
}
