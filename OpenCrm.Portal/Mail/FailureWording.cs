using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Words a failure for the outbox and the log. Mail filters quote what they refuse, so live links and people's addresses are removed from the
/// server's answer.
/// </summary>
internal static partial class FailureWording
{
    public static string Of(Exception failed, OutgoingMail? mail)
    {
        var text = failed is NotSentException ? failed.Message : $"{failed.GetType().Name}: {failed.Message}";
        text = Link().Replace(BareCode().Replace(text, "$1"), "[link]");
        if (mail is not null) text = text.Replace(mail.To.Address, "[recipient]", StringComparison.OrdinalIgnoreCase);
        return SingleLine.Of(Address().Replace(text, "[address]"), OutboxEntryConfiguration.ErrorLength);
    }

    /// <summary>
    /// A status code with a <c>#</c> before it, as some servers write it (<c>550 #5.1.0</c>). The number must not be removed as part of a link:
    /// operators search for it.
    /// </summary>
    [GeneratedRegex(@"#([245]\.[0-9]{1,3}\.[0-9]{1,3})\b", RegexOptions.NonBacktracking)]
    private static partial Regex BareCode();

    [GeneratedRegex(@"[^\s<>()\[\]"",:;]+@[^\s<>()"",:;]+", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    /// <summary>A link, or what is left of one in a broken line: the text around a <c>#</c>, or a long token.</summary>
    [GeneratedRegex(@"[a-z]+://\S+|\S*#\S+|[A-Za-z0-9_\-]{40,}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
