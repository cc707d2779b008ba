using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

internal sealed class PortalUserConfiguration : IEntityTypeConfiguration<PortalUser>
{
    public void Configure(EntityTypeBuilder<PortalUser> user)
    {
        user.ToTable("Users");
        user.Property(u => u.Name).HasMaxLength(PortalUser.NameLength);
        user.Property(u => u.Language).HasMaxLength(PortalUser.LanguageLength);
        user.Property(u => u.BrowserLanguage).HasMaxLength(PortalUser.LanguageLength);
        user.Property(u => u.State).HasConversion<int>();
        // Identity makes the username's index unique. The address must be unique too, or what is typed at sign-in could mean two people (docs/spec.md
        // 2.7).
        user.HasIndex(u => u.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
        // One index for each sort order of the user list, with ties ordered by Id: a page is then one range of it, however deep. Username and e-mail
        // have their unique indexes.
        user.Property(u => u.NormalizedName).HasMaxLength(PortalUser.NameLength * 2);
        user.HasIndex(u => new { u.NormalizedName, u.Id });
        user.Property(u => u.SearchText).HasComputedColumnSql(
            "COALESCE(\"NormalizedUserName\", '') || '\n' || \"NormalizedName\" || '\n' || COALESCE(\"NormalizedEmail\", '')", stored: true);
        user.HasIndex(u => new { u.IsSystemAdministrator, u.Id });
        user.HasIndex(u => new { u.State, u.Id });
        user.HasIndex(u => new { u.State, u.Id }, "IX_Users_LockedAfterFailures").HasFilter("\"LockoutEnd\" IS NOT NULL");
        user.HasIndex(u => new { u.TwoFactorEnabled, u.Id });
        user.HasIndex(u => new { u.LastSignInAt, u.Id });
        // Selective indexes for the lists of locked and inactive users and of administrators. Such rows are few, so each sort order of them is a
        // range too, and all other rows cost nothing.
        const string barred = "\"State\" = 1 OR \"State\" = 2 OR \"LockoutEnd\" IS NOT NULL";
        user.HasIndex(u => new { u.State, u.NormalizedUserName }, "IX_Users_Barred_NormalizedUserName").HasFilter(barred);
        user.HasIndex(u => new { u.State, u.NormalizedName, u.Id }, "IX_Users_Barred_NormalizedName").HasFilter(barred);
        user.HasIndex(u => new { u.State, u.NormalizedEmail }, "IX_Users_Barred_NormalizedEmail").HasFilter(barred);
        user.HasIndex(u => new { u.State, u.IsSystemAdministrator, u.Id }, "IX_Users_Barred_IsSystemAdministrator").HasFilter(barred);
        user.HasIndex(u => new { u.State, u.TwoFactorEnabled, u.Id }, "IX_Users_Barred_TwoFactorEnabled").HasFilter(barred);
        user.HasIndex(u => new { u.State, u.LastSignInAt, u.Id }, "IX_Users_Barred_LastSignInAt").HasFilter(barred);
        const string administrators = "\"IsSystemAdministrator\"";
        user.HasIndex(u => u.NormalizedUserName, "IX_Users_Administrators_NormalizedUserName").HasFilter(administrators);
        user.HasIndex(u => new { u.NormalizedName, u.Id }, "IX_Users_Administrators_NormalizedName").HasFilter(administrators);
        user.HasIndex(u => u.NormalizedEmail, "IX_Users_Administrators_NormalizedEmail").HasFilter(administrators);
        user.HasIndex(u => new { u.State, u.Id }, "IX_Users_Administrators_State").HasFilter(administrators);
        user.HasIndex(u => new { u.TwoFactorEnabled, u.Id }, "IX_Users_Administrators_TwoFactorEnabled").HasFilter(administrators);
        user.HasIndex(u => new { u.LastSignInAt, u.Id }, "IX_Users_Administrators_LastSignInAt").HasFilter(administrators);
    }
}

internal sealed class AuthenticatorConfiguration : IEntityTypeConfiguration<Authenticator>
{
    public void Configure(EntityTypeBuilder<Authenticator> authenticator)
    {
        authenticator.ToTable("Authenticators");
        authenticator.Property(a => a.Id).ValueGeneratedNever();
        authenticator.Property(a => a.Name).HasMaxLength(Authenticator.NameLength);
        authenticator.Property(a => a.KeyFingerprint).HasMaxLength(32);
        authenticator.HasIndex(a => a.UserId);
        authenticator.HasIndex(a => a.KeyFingerprint).IsUnique();
        // What still waits for its fingerprint; empty once the first rounds of housekeeping are done.
        authenticator.HasIndex(a => a.Id, "IX_Authenticators_WithoutFingerprint").HasFilter("\"KeyFingerprint\" IS NULL");
    }
}

internal sealed class DecoyAccountConfiguration : IEntityTypeConfiguration<DecoyAccount>
{
    public void Configure(EntityTypeBuilder<DecoyAccount> decoy)
    {
        decoy.ToTable("DecoyAccounts");
        decoy.HasKey(d => d.Key);
        decoy.Property(d => d.Key).HasMaxLength(32);
        decoy.HasIndex(d => d.LastAttemptAt);
    }
}

internal sealed class GeneralSettingsConfiguration : IEntityTypeConfiguration<GeneralSettings>
{
    public void Configure(EntityTypeBuilder<GeneralSettings> settings)
    {
        settings.ToTable("GeneralSettings").HasKey(s => s.Id);
        settings.Property(s => s.Id).ValueGeneratedNever();
        settings.Property(s => s.Version).IsConcurrencyToken();
        settings.Property(s => s.CompanyName).HasMaxLength(GeneralSettings.CompanyNameLength);
        settings.Property(s => s.AccentColour).HasMaxLength(GeneralSettings.ColourLength);
        settings.Property(s => s.LogoHash).HasMaxLength(LogoPicture.HashLength);
        settings.Ignore(s => s.TypedPublicUrl);
        settings.HasData(new GeneralSettings());
    }
}

internal sealed class LogoPictureConfiguration : IEntityTypeConfiguration<LogoPicture>
{
    public void Configure(EntityTypeBuilder<LogoPicture> logo)
    {
        logo.ToTable("LogoPictures");
        logo.Property(l => l.Id).ValueGeneratedNever();
        logo.Property(l => l.Hash).HasMaxLength(LogoPicture.HashLength);
        logo.Property(l => l.ContentType).HasMaxLength(32);
        logo.Property(l => l.Ground).HasConversion<int>();
        logo.HasIndex(l => l.Hash);
    }
}

internal sealed class SecuritySettingsConfiguration : IEntityTypeConfiguration<SecuritySettings>
{
    public void Configure(EntityTypeBuilder<SecuritySettings> settings)
    {
        settings.ToTable("SecuritySettings").HasKey(s => s.Id);
        settings.Property(s => s.Id).ValueGeneratedNever();
        settings.Property(s => s.Version).IsConcurrencyToken();
        settings.Ignore(s => s.Lockout);
        settings.Ignore(s => s.SessionTimeout);
        settings.HasData(new SecuritySettings());
    }
}

internal sealed class PasswordPolicySettingsConfiguration : IEntityTypeConfiguration<PasswordPolicySettings>
{
    public void Configure(EntityTypeBuilder<PasswordPolicySettings> settings)
    {
        settings.ToTable("PasswordPolicySettings").HasKey(s => s.Id);
        settings.Property(s => s.Id).ValueGeneratedNever();
        settings.Property(s => s.Version).IsConcurrencyToken();
        settings.HasData(new PasswordPolicySettings());
    }
}

internal sealed class PendingSignInConfiguration : IEntityTypeConfiguration<PendingSignIn>
{
    public void Configure(EntityTypeBuilder<PendingSignIn> pending)
    {
        pending.ToTable("PendingSignIns");
        pending.HasIndex(p => p.UserId);
        pending.HasIndex(p => p.ExpiresAt);
        pending.Property(p => p.SecurityStamp).HasMaxLength(64);
    }
}

internal sealed class PendingEnrolmentConfiguration : IEntityTypeConfiguration<PendingEnrolment>
{
    public void Configure(EntityTypeBuilder<PendingEnrolment> pending)
    {
        pending.ToTable("PendingEnrolments");
        pending.Property(p => p.Id).ValueGeneratedNever();
        // One key for a person in a session, however many tabs show the wizard.
        pending.HasIndex(p => new { p.SessionId, p.UserId }).IsUnique();
        pending.HasIndex(p => p.UserId);
        pending.HasIndex(p => p.ExpiresAt);
        pending.Property(p => p.Issuer).HasMaxLength(GeneralSettings.CompanyNameLength);
        pending.Property(p => p.Account).HasMaxLength(AccountName.UsernameLength);
    }
}

internal sealed class AddressCountConfiguration : IEntityTypeConfiguration<AddressCount>
{
    public void Configure(EntityTypeBuilder<AddressCount> count)
    {
        count.ToTable("AddressCounts").HasKey(c => c.Key);
        count.Property(c => c.Key).HasMaxLength(80);
        count.HasIndex(c => c.WindowStart);
    }
}

internal sealed class PortalSecretConfiguration : IEntityTypeConfiguration<PortalSecret>
{
    public void Configure(EntityTypeBuilder<PortalSecret> secret)
    {
        secret.ToTable("PortalSecrets").HasKey(s => s.Name);
        secret.Property(s => s.Name).HasMaxLength(40);
    }
}
