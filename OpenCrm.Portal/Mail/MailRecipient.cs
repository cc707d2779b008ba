using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>The one person a message goes to.</summary>
/// <param name="Address">A plain address, as <see cref="AccountName.IsValidEmail"/> accepts it; anything else is never handed to a mail
/// server.</param>
public sealed record MailRecipient(string Address, string Name)
{
    public static MailRecipient Of(PortalUser user) =>
        new(user.Email ?? throw new ArgumentException("The user has no e-mail address.", nameof(user)), user.Name);
}
