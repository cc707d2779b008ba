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
        text = WithoutLinks(text);
        if (mail is not null) text = text.Replace(mail.To.Address, "[recipient]", StringComparison.OrdinalIgnoreCase);
        return Quoted(text);
    }

    /// <summary>Returns what a server said on one line, without links and addresses.</summary>
    public static string Quoted(string said) =>
        SingleLine.Of(Address().Replace(WithoutLinks(said), "[address]"), OutboxEntryConfiguration.ErrorLength);

    /// <summary>Makes a sentence of a failure, without exception names, which mean something only to programmers.</summary>
    public static string Sentence(string error)
    {
        var words = ExceptionName().Replace(error, "");
        return words.EndsWith('.') ? words : $"{words}.";
    }

    private static string WithoutLinks(string text) => Link().Replace(BareCode().Replace(text, "$1"), "[link]");

    [GeneratedRegex(@"\b[A-Za-z]+Exception: ", RegexOptions.NonBacktracking)]
    private static partial Regex ExceptionName();

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
