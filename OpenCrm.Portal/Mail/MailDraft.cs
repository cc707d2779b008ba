using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// A mail to one person, before it is worded: a closed set, one record for each template. Subject and body come from the template when it is sent.
/// </summary>
public abstract record MailDraft
{
    private MailDraft(MailRecipient to, TemplateDefinition template) => (To, Template) = (to, template);

    public MailRecipient To { get; }

    public TemplateDefinition Template { get; }

    /// <summary>The template's own fields, by name; all of <see cref="TemplateDefinition.OwnFields"/>, empty where one does not apply.</summary>
    internal abstract IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>A text to send instead of the stored one.</summary>
    internal virtual TemplateText? Text => null;

    /// <summary>The key alone: a record would print its token into whatever log it strays into.</summary>
    public sealed override string ToString() => Template.Key;

    /// <summary>To a system administrator: somebody's MFA was disabled (spec 3.1–3.3, 8.4). Queue it by <see cref="Outbox.QueueToAdministratorsAsync"/>.</summary>
    /// <param name="User">Whose MFA it was.</param>
    /// <param name="By">Who did it; names the administrator and the address.</param>
    public sealed record MfaDisabledToAdministrator(MailRecipient Administrator, PortalUser User, MfaDisabledBy How, Caller By, DateTimeOffset At)
        : MailDraft(Administrator, TemplateCatalogue.MfaDisabled)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["user_name"] = User.Name,
            ["username"] = User.UserName ?? "",
            ["how"] = Word(How),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = By.Address ?? "",
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the person whose MFA was set up (spec 2.7).</summary>
    /// <param name="Replaced">Whether an older authenticator ended with it.</param>
    public sealed record MfaSetUp(PortalUser User, bool Replaced, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.MfaSetUp)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["replaced"] = Replaced ? "yes" : "",
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = By.Address ?? "",
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To the person whose MFA was removed (spec 2.7).</summary>
    public sealed record MfaDisabledToPerson(PortalUser User, MfaDisabledBy How, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.MfaRemoved)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["how"] = Word(How),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = By.Address ?? "",
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>The link that disables MFA after a sign-in (spec 3.2).</summary>
    /// <param name="Token">The secret of the link; the database holds it only encrypted, in the outbox, and as a hash.</param>
    public sealed record LostDeviceLink(PortalUser User, string Token, DateTimeOffset ValidUntil, string? FromAddress)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.LostDeviceLink)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["link"] = Link(PortalUrls.LostDeviceConfirm, Token),
            ["valid_until"] = Time(ValidUntil),
            ["from_address"] = FromAddress ?? "",
        };
    }

    /// <summary>The link that sets a new password: asked for by the person (spec 1.8) or by an administrator (spec 5.2).</summary>
    /// <param name="By">Whoever asked.</param>
    public sealed record ForgottenPassword(PortalUser User, string Token, DateTimeOffset ValidUntil, Caller By)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.ForgottenPassword)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["link"] = Link(PortalUrls.ResetPassword, Token),
            ["valid_until"] = Time(ValidUntil),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["from_address"] = By.Address ?? "",
        };
    }

    /// <summary>To a new user: the link that sets the first password (spec 5.4).</summary>
    public sealed record Invitation(PortalUser User, string Token, DateTimeOffset ValidUntil, Caller By)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.Invitation)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["link"] = Link(PortalUrls.Invitation, Token),
            ["username"] = User.UserName ?? "",
            ["valid_until"] = Time(ValidUntil),
            ["administrator_name"] = AdministratorName(By, User.Id),
        };
    }

    /// <summary>To the person whose account is locked: at the lock (spec 1.5), or instead of a link for a new password (spec 1.8).</summary>
    /// <param name="Attempts">Wrong answers that locked it; null if an administrator did.</param>
    /// <param name="Until">Null or <see cref="DateTimeOffset.MaxValue"/> = until a system administrator unlocks it.</param>
    /// <param name="FromAddress">Where the last attempt or the request came from.</param>
    public sealed record AccountLocked(PortalUser User, int? Attempts, DateTimeOffset? Until, DateTimeOffset At, string? FromAddress)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.AccountLocked)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["attempts"] = Attempts?.ToString(CultureInfo.InvariantCulture) ?? "",
            ["until"] = Until is { } until && until != DateTimeOffset.MaxValue ? Time(until) : "",
            ["at"] = Time(At),
            ["from_address"] = FromAddress ?? "",
        };
    }

    /// <summary>To the old address: whoever reads there learns that the account moved away (ASVS 6.3.7).</summary>
    /// <param name="Old">The address before the change, with the person's name.</param>
    public sealed record EmailChanged(MailRecipient Old, PortalUser User, Caller By, DateTimeOffset At)
        : MailDraft(Old, TemplateCatalogue.EmailChanged)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["old_email"] = Old.Address,
            ["new_email"] = User.Email ?? "",
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = By.Address ?? "",
        };
    }

    /// <summary>Two accounts had one username, or one address, by the rules of a new release (spec 2.7): to both persons, and to every system administrator.</summary>
    /// <param name="Is">What the reader is: <c>renamed</c>, <c>kept</c> or <c>administrator</c>.</param>
    /// <param name="Newer">Whose username is another one now, or whose address no longer signs in.</param>
    /// <param name="Old">The username or address as it was.</param>
    /// <param name="NewUsername">Null: it is about the address.</param>
    public sealed record UsernameChanged(MailRecipient Reader, string Is, PortalUser Newer, PortalUser Keeper, string Old, string? NewUsername, DateTimeOffset At)
        : MailDraft(Reader, TemplateCatalogue.UsernameChanged)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["reader"] = Is,
            ["what"] = NewUsername is null ? "email" : "username",
            ["old"] = Old,
            ["new_username"] = Newer.UserName ?? "",
            ["user_name"] = Newer.Name,
            ["other_name"] = Keeper.Name,
            ["other_username"] = Keeper.UserName ?? "",
            ["at"] = Time(At),
            ["account_link"] = PortalUrls.Account,
            ["user_record_link"] = PortalUrls.OfUser(Newer.Id),
        };
    }

    /// <summary>Proves that mail leaves the portal.</summary>
    public sealed record Test(MailRecipient Asker, DateTimeOffset At) : MailDraft(Asker, TemplateCatalogue.Test)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["sent_by"] = Asker.Name,
            ["at"] = Time(At),
        };
    }

    /// <summary>To an administrator who edits a template: how the mail would look, with sample data (spec 6.1).</summary>
    /// <param name="Edited">The text in the editor, saved or not.</param>
    public sealed record Sample(MailRecipient Asker, TemplateDefinition Of, TemplateText Edited) : MailDraft(Asker, Of)
    {
        internal override IReadOnlyDictionary<string, string> Values => Of.SampleValues;

        internal override TemplateText? Text => Edited;
    }

    /// <summary>With the zone named: a mail does not know where it is read.</summary>
    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("d MMMM yyyy, HH:mm '(UTC)'", CultureInfo.InvariantCulture);

    /// <summary>Behind <c>#</c>, so that the token reaches no access log, proxy or Referer.</summary>
    private static string Link(string path, string token) => $"{path}#{token}";

    /// <summary>Whoever acted on somebody else; empty if it was the person, or nobody signed in.</summary>
    private static string AdministratorName(Caller by, Guid about) => by is Caller.Person person && person.UserId != about ? person.Name : "";

    private static string Word(MfaDisabledBy how) => how switch
    {
        MfaDisabledBy.User => "user",
        MfaDisabledBy.LostDevice => "lost-device",
        MfaDisabledBy.Administrator => "administrator",
        MfaDisabledBy.RescueCommand => "rescue-command",
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };
}
