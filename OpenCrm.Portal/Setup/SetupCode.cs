using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Setup;

/// <summary>
/// The one-time code that proves access to the server's console (docs/spec.md 8.1). It is new at each start; the database holds its hash.
/// </summary>
public sealed class SetupCode
{
    private const int Groups = 4, GroupLength = 4;

    // No characters that people confuse; 16 of these 31 make 79 random bits.
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    public int Id { get; init; } = 1;

    public required byte[] Hash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Generates a code of four groups of four characters.</summary>
    public static string Generate() =>
        string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)));

    /// <summary>The hash of a typed code. Case, spaces and dashes do not matter, because people copy the code from a console.</summary>
    public static byte[] HashOf(string typed) =>
        SecretToken.Hash(new string([.. typed.Where(char.IsAsciiLetterOrDigit)]).ToUpperInvariant());
}

internal sealed class SetupCodeConfiguration : IEntityTypeConfiguration<SetupCode>
{
    public void Configure(EntityTypeBuilder<SetupCode> code)
    {
        code.ToTable("SetupCode").HasKey(c => c.Id);
        code.Property(c => c.Id).ValueGeneratedNever();
        code.Property(c => c.Hash).HasMaxLength(32);
    }
}
