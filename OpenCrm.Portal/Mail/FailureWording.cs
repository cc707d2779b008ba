using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// What a row of the outbox and the log say about a failure. Mail filters quote what they refuse, so links and people's addresses are taken out of the server's words.
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

    /// <summary>Some servers write <c>550 #5.1.0</c>, and the number is what one looks for.</summary>
    [GeneratedRegex(@"#([245]\.[0-9]{1,3}\.[0-9]{1,3})\b", RegexOptions.NonBacktracking)]
    private static partial Regex BareCode();

    [GeneratedRegex(@"[^\s<>()\[\]"",:;]+@[^\s<>()"",:;]+", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    /// <summary>An address, or what stands behind a <c>#</c> of a line that was broken.</summary>
    [GeneratedRegex(@"[a-z]+://\S+|\S*#\S+|[A-Za-z0-9_\-]{40,}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
