using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Mail;

/// <summary>What a row of the outbox says about a failure. Mail filters quote what they refuse, so links and the recipient are taken out of the server's words.</summary>
internal static partial class FailureText
{
    public static string Of(Exception failed, OutgoingMail? mail)
    {
        var text = failed is TransportUnreachableException ? failed.Message : $"{failed.GetType().Name}: {failed.Message}";
        text = Link().Replace(text, "[link]");
        if (mail is not null) text = text.Replace(mail.To.Address, "[recipient]", StringComparison.OrdinalIgnoreCase);
        return SingleLine.Of(text, OutboxEntryModel.ErrorLength);
    }

    /// <summary>An address, or what stands behind a <c>#</c> of a line that was broken.</summary>
    [GeneratedRegex(@"[a-z]+://\S+|\S*#\S+|[A-Za-z0-9_\-]{40,}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
