using System.Globalization;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>The one person a message goes to.</summary>
/// <param name="Address">A plain address, as <see cref="AccountName.IsValidEmail"/> accepts it; anything else is never handed to a mail
/// server.</param>
public sealed record MailRecipient(string Address, string Name)
{
    /// <summary>The language in which the person gets the message (docs/spec.md 6.4).</summary>
    public CultureInfo Language { get; init; } = Languages.English;

    public static MailRecipient Of(PortalUser user) =>
        new(user.Email ?? throw new ArgumentException("The user has no e-mail address.", nameof(user)), user.Name)
        {
            Language = LanguageOf(user.Language, user.BrowserLanguage),
        };

    /// <summary>Returns the language of a person's mails: the chosen one, else the one that the browser last named, else English.</summary>
    internal static CultureInfo LanguageOf(string? chosen, string? ofBrowser) =>
        Languages.Find(chosen) ?? Languages.Find(ofBrowser) ?? Languages.English;
}
