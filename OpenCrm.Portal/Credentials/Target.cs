using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>The account whose password or code is checked.</summary>
public abstract record Target
{
    private Target() { }

    /// <summary>
    /// The account with this username or e-mail address, before anything is proved. Unknown and inactive accounts must behave like any other in
    /// words, statements and time: otherwise a page would show which accounts exist (docs/spec.md 1.6).
    /// </summary>
    public static Target Named(string typedName) => new Name(typedName);

    /// <summary>A known user who is signed in.</summary>
    public static Target User(Guid userId) => new Known(userId);

    /// <summary>The user of a mailed link. Any other typed name counts as a wrong answer of that user, and takes as long as one.</summary>
    public static Target OfLink(Guid userId, string typedName) => new Known(userId) { TypedName = typedName };

    /// <summary>A user whom an earlier step has identified, with the enrolment of that moment; only six digits are right.</summary>
    /// <param name="securityStamp">The account's stamp at that step; null if there was no such step.</param>
    public static Target Enrolled(Guid userId, Guid enrolmentId, string? securityStamp = null) =>
        new Code(userId, enrolmentId, securityStamp);

    /// <summary>
    /// The same for an answer that may be six digits or something that stands in for them: what was typed decides which check it gets.
    /// </summary>
    /// <param name="typed">What was typed into the field for the code.</param>
    public static Target SecondFactor(string typed, Guid userId, Guid enrolmentId, string? securityStamp = null) =>
        new Code(userId, enrolmentId, securityStamp)
        {
            RecoveryCode = CrockfordCode.Read(typed, RecoveryCodeSet.CodeLength),
            TemporaryCode = TemporaryCodeText.Read(typed),
        };

    /// <summary>The recovery code that was typed; null if it is something else.</summary>
    internal virtual string? TypedRecoveryCode => null;

    /// <summary>The temporary code that was typed; null if it is something else.</summary>
    internal virtual string? TypedTemporaryCode => null;

    /// <summary>Whether text, statements and time must be the same whatever name was typed.</summary>
    internal bool TellsNobodyApart => this is Name;

    /// <summary>
    /// What the account is known by before it is looked up: attempts of one name that come at the same moment begin one after the other.
    /// </summary>
    internal abstract string Account { get; }

    /// <summary>Whether the answer can be compared while the account's row is held. A password cannot: its hash takes too long.</summary>
    internal virtual bool IsQuick => false;

    /// <summary>Finds the counter that the answer counts on; null if the account has changed.</summary>
    internal abstract Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel);

    /// <summary>Whether an answer for this user can be right at all.</summary>
    internal virtual bool Means(PortalUser user) => true;

    private sealed record Name(string Typed) : Target
    {
        internal override string Account => AccountName.Normalize(Typed);

        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel)
        {
            var decoyKey = await decoys.ComputeKeyAsync(work, Typed, cancel);
            var user = await work.Users.FindTypedAsync(Typed, cancel);
            // An inactive account behaves like an unknown name, also with the right password.
            return await work.Attempts.FindOrAddAsync(user is { State: not AccountState.Inactive } ? user : null, decoyKey, work.Now, cancel);
        }
    }

    private sealed record Known(Guid UserId) : Target
    {
        internal override string Account => UserId.ToString();

        public string? TypedName { get; init; }

        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel) =>
            await work.Users.FindAsync(UserId, cancel);

        internal override bool Means(PortalUser user) => TypedName is null || user.IsNamed(TypedName);
    }

    private sealed record Code(Guid UserId, Guid EnrolmentId, string? SecurityStamp) : Target
    {
        internal override string Account => UserId.ToString();

        public string? RecoveryCode { get; init; }

        public string? TemporaryCode { get; init; }

        internal override string? TypedRecoveryCode => RecoveryCode;

        internal override string? TypedTemporaryCode => TemporaryCode;

        /// <summary>Digits are compared at once; a recovery code has a slow hash, as a password has.</summary>
        internal override bool IsQuick => RecoveryCode is null;

        /// <summary>Leaves out what was typed: a record prints all its properties, and so it would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Code);

        internal override async Task<IAttemptCounter?> FindAsync(UnitOfWork work, DecoyNames decoys, CancellationToken cancel) =>
            await work.Users.FindAsync(UserId, cancel) is { State: AccountState.Active } user
            && user.EnrolmentId == EnrolmentId
            && (SecurityStamp is null || user.SecurityStamp == SecurityStamp)
                ? user
                : null;
    }
}
