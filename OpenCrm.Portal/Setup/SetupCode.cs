using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Setup;

/// <summary>The one-time code that proves who stands at the console (spec 8.1): new at each start, its hash in the database.</summary>
public sealed class SetupCode
{
    private const int Groups = 4, GroupLength = 4;

    // Characters that are not mistaken for one another: 16 of 31 are 79 random bits.
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    public int Id { get; init; } = 1;

    public required byte[] Hash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public static string Generate() => string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)));

    /// <summary>Case, spaces and dashes do not matter to whoever copies it from a console.</summary>
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
