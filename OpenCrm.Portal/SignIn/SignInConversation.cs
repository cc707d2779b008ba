using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>
/// One sign-in as it goes on in one circuit: password, then code, then a ticket for this browser. It remembers which half-done sign-in is this circuit's; what was proved
/// stands in the database only, for five minutes (spec 1.3).
/// </summary>
public sealed class SignInConversation(UnitsOfWork units, CredentialCheck credentials, ClientConnection connection) : IForgetsPerson
{
    private PendingSignIn? _pending;

    /// <summary>Step one.</summary>
    public async Task<SignInOutcome> SubmitPasswordAsync(string typedName, string password, CancellationToken cancel = default)
    {
        _pending = null;
        if (connection.BrowserHash is null) return new SignInOutcome.NoCookies();
        SignInOutcome? proved = null;
        PendingSignIn? pending = null;
        var verdict = await credentials.PasswordAsync(typedName, password, AskedAt.SignIn, connection.Nobody, async (work, user, settings) =>
        {
            // A second factor that is half there refuses; it never lets the password alone through (security I5).
            if (settings.MfaEnabled && AuthenticatorKeys.HalfThere(user) is { } half)
            {
                await work.NoteUnreadableAsync(user, half, connection.Nobody, cancel);
                return new Verdict.Unreadable();
            }
            if (settings.MfaEnabled && user.Authenticator is { } authenticator)
            {
                pending = new()
                {
                    Id = Guid.NewGuid(),
                    UserId = user.Id,
                    SecurityStamp = user.SecurityStamp!,
                    AuthenticatorId = authenticator.Id,
                    ExpiresAt = work.Now + PendingSignIn.Lifetime,
                };
                work.Add(pending);
                work.Record(new AuditEvent.PasswordProved(user.Id), connection.Nobody);
                proved = new SignInOutcome.CodeRequired(user.Name);
                return new Verdict.Right();
            }
            proved = await CompleteAsync(work, user, provedByCode: false, cancel);
            return Verdict.RightIf(proved is not null);
        }, cancel);
        if (verdict is not Verdict.Right) return Refused(verdict, new SignInOutcome.WrongPassword());
        _pending = pending;
        return proved!;
    }

    /// <summary>Step two, only after step one in this circuit.</summary>
    public async Task<SignInOutcome> SubmitCodeAsync(string code, CancellationToken cancel = default)
    {
        if (_pending is not { } pending || !await StandsAsync(pending, cancel)) return End();
        SignInOutcome? proved = null;
        var verdict = await credentials.CodeAsync(pending.UserId, pending.AuthenticatorId, pending.SecurityStamp, code, AskedAt.SignIn, connection.Nobody,
            async (work, user, _) =>
            {
                var used = await work.Query<PendingSignIn>().Where(p => p.Id == pending.Id && p.ExpiresAt > work.Now).ExecuteDeleteAsync(cancel);
                proved = used == 1 ? await CompleteAsync(work, user, provedByCode: true, cancel) : null;
                return Verdict.RightIf(proved is not null);
            }, cancel);
        if (verdict is Verdict.Wrong or Verdict.Busy or Verdict.TooManyFromHere) return Refused(verdict, new SignInOutcome.WrongCode());
        _pending = null;
        return verdict is Verdict.Right ? proved! : Refused(verdict, new SignInOutcome.WrongCode());
    }

    /// <summary>"Not you?": the half-done sign-in ends.</summary>
    public async Task StartOverAsync(CancellationToken cancel = default)
    {
        if (_pending is not { } pending) return;
        _pending = null;
        await using var work = await units.BeginAsync(cancel);
        await work.Query<PendingSignIn>().Where(p => p.Id == pending.Id).ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
    }

    /// <inheritdoc />
    public void Forget() => _pending = null;

    private async Task<SignInOutcome?> CompleteAsync(UnitOfWork work, PortalUser user, bool provedByCode, CancellationToken cancel)
    {
        if (!await work.Users.CompleteSignInAsync(user, work.Now, cancel)) return null;
        // The device is there after all.
        if (provedByCode) await MailedLinks.EndLostDeviceAsync(work, user.Id, cancel);
        return new SignInOutcome.Proved(SignInTickets.Issue(work, user, provedByCode, connection));
    }

    private async Task<bool> StandsAsync(PendingSignIn pending, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await work.Query<PendingSignIn>().AnyAsync(p => p.Id == pending.Id && p.ExpiresAt > work.Now, cancel);
    }

    private SignInOutcome.Ended End()
    {
        _pending = null;
        return new();
    }

    private static SignInOutcome Refused(Verdict verdict, SignInOutcome wrong) => verdict switch
    {
        Verdict.Wrong => wrong,
        Verdict.LockedOut locked => new SignInOutcome.LockedOut(locked.Until, locked.Attempts),
        Verdict.LockedByAdministrator => new SignInOutcome.LockedByAdministrator(),
        Verdict.TooManyFromHere => new SignInOutcome.TooManyFromHere(),
        Verdict.Busy => new SignInOutcome.Busy(),
        Verdict.Unreadable => new SignInOutcome.Unreadable(),
        _ => new SignInOutcome.Ended(),
    };
}
