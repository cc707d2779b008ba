using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Sessions;

/// <summary>What a circuit gives its browser to exchange for the session cookie: single use, 30 seconds, for that browser only.</summary>
public sealed class SignInTicket
{
    /// <summary>The browser redeems a ticket within a second; a longer life would only help a thief.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>SHA-256 of the ticket.</summary>
    public required byte[] Hash { get; init; }

    public Guid UserId { get; init; }

    /// <summary>The account's stamp at the sign-in: a change of password or e-mail address since then voids the ticket.</summary>
    public required string SecurityStamp { get; init; }

    /// <summary>SHA-256 of the pre-session cookie of the browser that signed in.</summary>
    public required byte[] BrowserHash { get; init; }

    public bool ProvedByCode { get; init; }

    /// <summary>What took the place of six digits; null = nothing did.</summary>
    public RecoveryKind? RecoveredBy { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The idle session that goes on with this ticket; null = a new session begins.</summary>
    public Guid? ResumesSessionId { get; init; }

    /// <summary>The session that the ticket became; null until it is redeemed.</summary>
    public Guid? SessionId { get; set; }
}

internal sealed class SignInTicketConfiguration : IEntityTypeConfiguration<SignInTicket>
{
    public void Configure(EntityTypeBuilder<SignInTicket> ticket)
    {
        ticket.ToTable("SignInTickets");
        ticket.HasKey(t => t.Hash);
        ticket.Property(t => t.Hash).HasMaxLength(32);
        ticket.Property(t => t.BrowserHash).HasMaxLength(32);
        ticket.Property(t => t.SecurityStamp).HasMaxLength(64);
        ticket.HasIndex(t => t.ExpiresAt);
        ticket.HasIndex(t => t.UserId);
    }
}
