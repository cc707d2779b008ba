using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// A mail to one person, before it has words: a closed set, one record for each kind of mail. Subject and body come from the template when the mail
/// is sent.
/// </summary>
public abstract partial record MailDraft
{
    private MailDraft(MailRecipient to, TemplateDefinition template) => (To, Template) = (to, template);

    public MailRecipient To { get; }

    public TemplateDefinition Template { get; }

    /// <summary>
    /// Values of the template's own fields, by name: all of <see cref="TemplateDefinition.OwnFields"/>, empty where one does not apply.
    /// </summary>
    internal abstract IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>A text to send instead of the stored template; null for the stored one.</summary>
    internal virtual TemplateText? Text => null;

    /// <summary>Returns the key alone: the default text of a record would print the token into any log that it reaches.</summary>
    public sealed override string ToString() => Template.Key;

    /// <summary>
    /// To a system administrator: somebody's MFA was disabled (docs/spec.md 3). Queue it with <see cref="Outbox.QueueToAdministratorsAsync"/>.
    /// </summary>
    /// <param name="User">Whose MFA it was.</param>
    /// <param name="By">Who did it; gives the administrator's name and the client address.</param>
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
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["user_record_link"] = PortalUrls.OfUser(User.Id),
        };
    }

    /// <summary>To the person whose MFA was set up.</summary>
    /// <param name="Replaced">Whether it replaced an older authenticator.</param>
    public sealed record MfaSetUp(PortalUser User, bool Replaced, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.MfaSetUp)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["replaced"] = Replaced ? "yes" : "",
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To the person: another authenticator can make their codes now (docs/spec.md 11.4).</summary>
    /// <param name="Name">What the person calls it.</param>
    public sealed record AuthenticatorAdded(PortalUser User, string Name, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.AuthenticatorAdded)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["authenticator_name"] = Name,
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To the person: codes of one of their authenticators no longer work, those of the others do.</summary>
    /// <param name="Name">What the person called it.</param>
    public sealed record AuthenticatorRemoved(PortalUser User, string Name, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.AuthenticatorRemoved)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["authenticator_name"] = Name,
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To the person whose MFA was removed.</summary>
    public sealed record MfaDisabledToPerson(PortalUser User, MfaDisabledBy How, Caller By, DateTimeOffset At)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.MfaRemoved)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["how"] = Word(How),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
            ["account_link"] = PortalUrls.Account,
        };
    }

    /// <summary>To a person who has to set up MFA until a deadline: at the beginning, and before it ends (docs/spec.md 12.5).</summary>
    /// <param name="DueAt">The deadline; it may have passed when the message of the beginning is written.</param>
    /// <param name="Now">When the message is written.</param>
    public sealed record MfaDue(MailRecipient Person, DateTimeOffset DueAt, DateTimeOffset Now) : MailDraft(Person, TemplateCatalogue.MfaDue)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["due_at"] = Time(DueAt),
            ["days_left"] = $"{Math.Max(0, (int)Math.Ceiling((DueAt - Now).TotalDays))}",
            ["set_up_link"] = PortalUrls.AccountSetupMfa,
        };
    }

    /// <summary>To a person whose deadline for setting up MFA a system administrator extended.</summary>
    public sealed record MfaDeadlineExtended(PortalUser User, DateTimeOffset Until, string Reason, Caller By)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.DeadlineExtended)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["due_at"] = Time(Until),
            ["reason"] = Reason,
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["set_up_link"] = PortalUrls.AccountSetupMfa,
        };
    }

    /// <summary>The link that sets a new password, requested by the person or by an administrator.</summary>
    /// <param name="By">Who requested it.</param>
    public sealed record ForgottenPassword(PortalUser User, string Token, DateTimeOffset ValidUntil, Caller By)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.ForgottenPassword)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["link"] = Link(PortalUrls.ResetPassword, Token),
            ["valid_until"] = Time(ValidUntil),
            ["administrator_name"] = AdministratorName(By, User.Id),
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
        };
    }

    /// <summary>To a new user: the link that sets the first password.</summary>
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

    /// <summary>To the person whose account is locked: when it is locked, or instead of a link for a new password.</summary>
    /// <param name="Attempts">Number of wrong answers that locked it; null if an administrator did.</param>
    /// <param name="Until">Null or <see cref="DateTimeOffset.MaxValue"/> means until a system administrator unlocks it.</param>
    /// <param name="FromAddress">Where the last attempt or the request came from.</param>
    public sealed record AccountLocked(PortalUser User, int? Attempts, DateTimeOffset? Until, DateTimeOffset At, string? FromAddress)
        : MailDraft(MailRecipient.Of(User), TemplateCatalogue.AccountLocked)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["attempts"] = Attempts?.ToString(CultureInfo.InvariantCulture) ?? "",
            ["until"] = Until is { } until && until != DateTimeOffset.MaxValue ? Time(until) : "",
            ["at"] = Time(At),
            ["from_address"] = AddressWording.InMail(FromAddress, To.Language),
        };
    }

    /// <summary>To the old address, so that a takeover does not go unnoticed: the account has another e-mail address now (ASVS 6.3.7).</summary>
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
            ["from_address"] = AddressWording.InMail(By.Address, To.Language),
        };
    }

    /// <summary>
    /// To both persons and every system administrator: under the rules of a new release two accounts had the same username or the same address.
    /// </summary>
    /// <param name="Is">What the reader is: <c>renamed</c>, <c>kept</c> or <c>administrator</c>.</param>
    /// <param name="Newer">The user whose username was changed, or whose address no longer works for signing in.</param>
    /// <param name="Old">The username or address as it was.</param>
    /// <param name="NewUsername">Null if it is about the address.</param>
    public sealed record UsernameChanged(
        MailRecipient Reader, string Is, PortalUser Newer, PortalUser Keeper, string Old, string? NewUsername, DateTimeOffset At)
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

    /// <summary>A test mail, which shows that mail leaves the portal.</summary>
    public sealed record Test(MailRecipient Asker, DateTimeOffset At) : MailDraft(Asker, TemplateCatalogue.Test)
    {
        internal override IReadOnlyDictionary<string, string> Values => new Dictionary<string, string>
        {
            ["sent_by"] = Asker.Name,
            ["at"] = Time(At),
        };
    }

    /// <summary>To an administrator who edits a template: how the mail would look, with sample data.</summary>
    /// <param name="Asker">With the language of the text, whatever language the administrator reads.</param>
    /// <param name="Edited">The text in the editor, saved or not.</param>
    public sealed record Sample(MailRecipient Asker, TemplateDefinition Of, TemplateText Edited) : MailDraft(Asker, Of)
    {
        internal override IReadOnlyDictionary<string, string> Values => Of.SampleValuesIn(To.Language);

        internal override TemplateText? Text => Edited;
    }

    /// <summary>Whom a mail is about that goes to this person and to system administrators.</summary>
    private static Dictionary<string, string> About(PortalUser user, bool isPerson) => new()
    {
        ["reader"] = isPerson ? "person" : "administrator",
        ["user_name"] = user.Name,
        ["username"] = user.UserName ?? "",
    };

    private string Time(DateTimeOffset time) => MailTime.Of(time, To.Language);

    /// <summary>Puts the token behind <c>#</c>, so that it reaches no access log, proxy or Referer header.</summary>
    private static string Link(string path, string token) => $"{path}#{token}";

    /// <summary>Name of the person who acted on somebody else's account; empty for one's own account, or if nobody was signed in.</summary>
    private static string AdministratorName(Caller by, Guid about) => by is Caller.Person person && person.UserId != about ? person.Name : "";

    private static string Word(MfaRemovalEnd why) => why switch
    {
        MfaRemovalEnd.Code => "code",
        MfaRemovalEnd.Password => "password",
        MfaRemovalEnd.Email => "email",
        MfaRemovalEnd.Locked => "lock",
        MfaRemovalEnd.Deactivated => "deactivation",
        MfaRemovalEnd.Enrolment => "enrolment",
        MfaRemovalEnd.Administrator => "administrator",
        MfaRemovalEnd.Changed => "change",
        _ => throw new ArgumentOutOfRangeException(nameof(why)),
    };

    private static string Word(MfaDisabledBy how) => how switch
    {
        MfaDisabledBy.User => "user",
        MfaDisabledBy.LostDevice => "lost-device",
        MfaDisabledBy.Administrator => "administrator",
        MfaDisabledBy.RescueCommand => "rescue-command",
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };
}
