using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Sessions;

/// <summary>What a circuit hands to its browser so that the browser gets its cookie: single use, 30 seconds, for that browser only.</summary>
public sealed class SignInTicket
{
    /// <summary>The browser redeems it in the same second; more would only help a thief.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>SHA-256 of the ticket.</summary>
    public required byte[] Hash { get; init; }

    public Guid UserId { get; init; }

    /// <summary>The account as it was proved: a password change or lock in between voids the ticket.</summary>
    public required string SecurityStamp { get; init; }

    /// <summary>SHA-256 of the pre-session cookie of the browser that signed in.</summary>
    public required byte[] BrowserHash { get; init; }

    public bool ProvedByCode { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The idle session that goes on with it; null = a session begins.</summary>
    public Guid? ResumesSessionId { get; init; }

    /// <summary>The session that it became; null until it is redeemed.</summary>
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
