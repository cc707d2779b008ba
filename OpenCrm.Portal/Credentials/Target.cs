using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Whose password or code is asked for.</summary>
public abstract record Target
{
    private Target() { }

    /// <summary>
    /// Whoever has this username or e-mail address. Nobody has proved anything yet: unknown and inactive accounts behave alike in words, statements and time (spec 1.6).
    /// </summary>
    public static Target Named(string typedName) => new Name(typedName);

    /// <summary>A known user, who is signed in.</summary>
    public static Target User(Guid userId) => new Known(userId);

    /// <summary>The user of a mailed link: any other name is a wrong answer of that user, and takes as long as one (spec 3.2).</summary>
    public static Target OfLink(Guid userId, string typedName) => new Known(userId) { TypedName = typedName };

    /// <summary>A user as an earlier step proved the account, with the authenticator that it had then.</summary>
    /// <param name="securityStamp">The account's stamp at that step; null when there was none.</param>
    public static Target Enrolled(Guid userId, Guid authenticatorId, string? securityStamp = null) => new Code(userId, authenticatorId, securityStamp);

    /// <summary>What is said, done and waited for is the same whosever name was typed.</summary>
    internal bool TellsNobodyApart => this is Name;

    /// <summary>The counter that an answer counts on; null when the account is not what it was.</summary>
    internal abstract Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel);

    /// <summary>Whether an answer for this user may be right at all.</summary>
    internal virtual bool Means(PortalUser user) => true;

    private sealed record Name(string Typed) : Target
    {
        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel)
        {
            var decoyKey = await decoys.ComputeKeyAsync(work, Typed, cancel);
            var user = await work.Users.FindTypedAsync(Typed, cancel);
            // An inactive account behaves as an unknown name, also with the right password.
            return await work.Attempts.FindOrAddAsync(user is { State: not AccountState.Inactive } ? user : null, decoyKey, work.Now, cancel);
        }
    }

    private sealed record Known(Guid UserId) : Target
    {
        public string? TypedName { get; init; }

        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel) => await work.Users.FindAsync(UserId, cancel);

        internal override bool Means(PortalUser user) => TypedName is null || user.IsNamed(TypedName);
    }

    private sealed record Code(Guid UserId, Guid AuthenticatorId, string? SecurityStamp) : Target
    {
        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel) =>
            await work.Users.FindAsync(UserId, cancel) is { State: AccountState.Active } user
            && user.Authenticator?.Id == AuthenticatorId
            && (SecurityStamp is null || user.SecurityStamp == SecurityStamp)
                ? user
                : null;
    }
}
