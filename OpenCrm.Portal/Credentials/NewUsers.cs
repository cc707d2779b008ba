using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>What is wrong with the details of a new user.</summary>
public enum UserFault
{
    UsernameInvalid,
    UsernameTaken,
    NameInvalid,
    EmailInvalid,
    EmailTaken,

    /// <summary>It holds invisible characters, or characters that cannot be stored.</summary>
    UsernameUnreadable,

    /// <summary>It mixes letters of scripts that look alike (docs/spec.md 2.7).</summary>
    UsernameMixed,

    /// <inheritdoc cref="UsernameUnreadable" />
    NameUnreadable,

    /// <inheritdoc cref="UsernameUnreadable" />
    EmailUnreadable,
}

/// <summary>Makes users for set-up, administrators and rescue commands.</summary>
public static class NewUsers
{
    /// <summary>Finds the faults that can be seen without the database. Whether a name is taken shows at the commit.</summary>
    public static IReadOnlyList<UserFault> Evaluate(string username, string name, string email)
    {
        List<UserFault> faults = [];
        if (!IncomingText.IsName(username)) faults.Add(UserFault.UsernameUnreadable);
        else if (!AccountName.IsValidUsername(username))
            faults.Add(AccountName.MixesScripts(username) ? UserFault.UsernameMixed : UserFault.UsernameInvalid);
        if (!IncomingText.IsLine(name)) faults.Add(UserFault.NameUnreadable);
        else if (name.Length is 0 or > PortalUser.NameLength) faults.Add(UserFault.NameInvalid);
        if (!IncomingText.IsName(email)) faults.Add(UserFault.EmailUnreadable);
        else if (!AccountName.IsValidEmail(email)) faults.Add(UserFault.EmailInvalid);
        return faults;
    }

    /// <summary>Whether the fault concerns the username.</summary>
    public static bool IsOfUsername(UserFault fault) =>
        fault is UserFault.UsernameInvalid or UserFault.UsernameTaken or UserFault.UsernameUnreadable or UserFault.UsernameMixed;

    /// <summary>Whether the fault concerns the display name.</summary>
    public static bool IsOfName(UserFault fault) => fault is UserFault.NameInvalid or UserFault.NameUnreadable;

    /// <summary>Whether the fault concerns the e-mail address.</summary>
    public static bool IsOfEmail(UserFault fault) => fault is UserFault.EmailInvalid or UserFault.EmailTaken or UserFault.EmailUnreadable;

    /// <summary>Adds the user to the unit of work. The unique indexes refuse a taken name at the commit.</summary>
    /// <param name="passwordHash">Null for an invited person, who is going to choose a password.</param>
    public static PortalUser Add(UnitOfWork work, string username, string name, string email, string? passwordHash, bool systemAdministrator)
    {
        var user = Make(work.Now, username, name, email, passwordHash, systemAdministrator);
        work.Add(user);
        work.CoverAtCommit(user.Id);
        return user;
    }

    /// <summary>Makes a user of these details without storing it.</summary>
    public static PortalUser Make(DateTimeOffset now, string username, string name, string email, string? passwordHash, bool systemAdministrator) =>
        new()
        {
            Id = Guid.CreateVersion7(now),
            UserName = username,
            NormalizedUserName = AccountName.Normalize(username),
            Name = name,
            NormalizedName = PortalUser.NormalizedNameOf(name),
            Email = email,
            NormalizedEmail = AccountName.Normalize(email),
            EmailConfirmed = true,
            LockoutEnabled = true,
            SecurityStamp = SecretToken.Generate(),
            ConcurrencyStamp = Guid.NewGuid().ToString(),
            PasswordHash = passwordHash,
            PasswordChangedAt = passwordHash is null ? null : now,
            IsSystemAdministrator = systemAdministrator,
            CreatedAt = now,
        };
}
