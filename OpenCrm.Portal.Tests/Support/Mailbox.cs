using System.Text.RegularExpressions;
using MimeKit;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>The mails that arrived, read from <c>.eml</c> files by a mail library.</summary>
public sealed partial class Mailbox(string folder)
{
    public const string TemplateHeader = "X-Portal-Template";

    /// <summary>Returns all mails that have arrived so far, oldest first.</summary>
    public IReadOnlyList<MimeMessage> All() =>
        Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*.eml").Order(StringComparer.Ordinal).Select(file => MimeMessage.Load(file))]
            : [];

    public IReadOnlyList<MimeMessage> Of(string? recipient = null, string? template = null) =>
        [.. All().Where(mail => Matches(mail, recipient, template))];

    /// <summary>Waits for the <paramref name="count"/>th mail to that recipient from that template, and returns it; null matches any.</summary>
    public Task<MimeMessage> WaitForAsync(string? recipient = null, string? template = null, int count = 1, TimeSpan? patience = null) =>
        Eventually.FoundAsync(
            () => Task.FromResult(Of(recipient, template).ElementAtOrDefault(count - 1)),
            $"mail {count} {template} to {recipient} in {folder}",
            patience);

    public static string? Template(MimeMessage mail) => mail.Headers[TemplateHeader];

    /// <summary>Returns the first address in the plain text.</summary>
    public static Uri Link(MimeMessage mail) =>
        Address().Match(mail.TextBody ?? "") is { Success: true } found
            ? new Uri(found.Value)
            : throw new InvalidOperationException($"No link in \"{mail.Subject}\":\n{mail.TextBody}");

    private static bool Matches(MimeMessage mail, string? recipient, string? template) =>
        (recipient is null || mail.To.Mailboxes.Any(to => string.Equals(to.Address, recipient, StringComparison.OrdinalIgnoreCase)))
        && (template is null || Template(mail) == template);

    [GeneratedRegex(@"https?://[^\s<>""]*[^\s<>"".,;:)]")]
    private static partial Regex Address();
}
