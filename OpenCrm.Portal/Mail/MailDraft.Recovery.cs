using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;

namespace OpenCrm.Portal.Mail;

/// <content>The mails about getting in without the authenticator, and about what follows from it (docs/spec.md 3.2, 11).</content>
public abstract partial record MailDraft
{
    /// <summary>To the person: new recovery codes were made, and older ones ended (docs/spec.md 11.1).</summary>
    public sealed record RecoveryCodesMade(PortalUser User, string? FromAddress, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.RecoveryCodesMade)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(FromAddress, To.Language),
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To the person and every system administrator: a recovery code stood in for the six digits (docs/spec.md 11.2).</summary>
    /// <param name="User">Whose code it was.</param>
    /// <param name="Left">How many the person has left.</param>
    public sealed record RecoveryCodeUsed(
        MailRecipient Reader, bool ToAdministrator, PortalUser User, int Left, string? FromAddress, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.RecoveryCodeUsed)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["reader"] = ToAdministrator ? "administrator" : "user",
            ["user_name"] = User.Name,
            ["username"] = User.UserName ?? "",
            ["codes_left"] = Left.ToString(CultureInfo.InvariantCulture),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(FromAddress, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>The lost-device link. It disables MFA once the person has signed in with name and password.</summary>
    /// <param name="Token">The secret of the link. The database holds it only encrypted, in the outbox, and as a hash.</param>
    public sealed record LostDeviceLink(PortalUser User, string Token, DateTimeOffset ValidUntil, string? FromAddress)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.LostDeviceLink)
    {
        /// <summary>How long MFA stays after the confirmation (docs/spec.md 11.7); 0 = it is removed at once.</summary>
        public int WaitHours { get; init; }

        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["link"] = Link(PortalUrls.LostDeviceConfirm, Token),
            ["valid_until"] = Time(ValidUntil),
            ["wait_hours"] = WaitHours == 0 ? "" : WaitHours.ToString(CultureInfo.InvariantCulture),
            ["from_address"] = AddressWording.InMail(FromAddress, To.Language),
        };
    }

    /// <summary>To the person and to system administrators: a confirmed lost-device link removes MFA at a later time (docs/spec.md 11.7).</summary>
    /// <param name="IsPerson">Whether the reader is the person it is about.</param>
    /// <param name="Due">When MFA is removed.</param>
    public sealed record MfaRemovalWaiting(MailRecipient Reader, bool IsPerson, PortalUser User, DateTimeOffset Due, Caller By, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.MfaRemovalWaiting)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>(About(User, IsPerson))
        {
            ["removal_at"] = Time(Due),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the same readers: the wait is over before its time, and MFA stays.</summary>
    public sealed record MfaRemovalEnded(MailRecipient Reader, bool IsPerson, PortalUser User, MfaRemovalEnd Why, Caller By, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.MfaRemovalEnded)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>(About(User, IsPerson))
        {
            ["why"] = Word(Why),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the person and to system administrators: a temporary code was given (docs/spec.md 11.5). The code is not in it.</summary>
    /// <param name="Until">Until when the code works.</param>
    public sealed record TemporaryCodeGiven(MailRecipient Reader, bool IsPerson, PortalUser User, DateTimeOffset Until, Caller By, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.TemporaryCodeGiven)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>(About(User, IsPerson))
        {
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["valid_until"] = Time(Until),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the same readers: the code took the place of six digits.</summary>
    /// <param name="HeldUntil">Until when what matters is on hold for the person; null if there is no hold.</param>
    public sealed record TemporaryCodeUsed(
        MailRecipient Reader, bool IsPerson, PortalUser User, DateTimeOffset? HeldUntil, Caller By, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.TemporaryCodeUsed)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>(About(User, IsPerson))
        {
            ["hold_until"] = HeldUntil is { } until ? Time(until) : "",
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the person and to system administrators: the hold after a recovery was lifted (docs/spec.md 11.3).</summary>
    /// <param name="Reason">As the administrator typed it; empty from the rescue command.</param>
    public sealed record HoldLifted(MailRecipient Reader, bool IsPerson, PortalUser User, string Reason, Caller By, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.HoldLifted)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>(About(User, IsPerson))
        {
            ["reason"] = Reason,
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }
}
