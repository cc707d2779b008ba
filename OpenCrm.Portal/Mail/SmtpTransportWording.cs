using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Explains a mail server's refusal in words that name the setting. The number alone does not tell: many servers check greeting, login and sender
/// only when they get the recipient, and then refuse the recipient. A wrong setting holds up every message until an operator corrects it, so no
/// message is given up early because of it.
/// </summary>
internal static partial class SmtpTransportWording
{
    public static NotSentException Of(SmtpCommandException refused, SmtpOptions options, string? greeting)
    {
        var (number, said) = ((int)refused.StatusCode, refused.Message);
        var answer = Answer(refused);
        if (number < 500) return new MailPostponedException(Words(options, Texts.Mail_SmtpPostponed, answer), refused);
        var text = refused.ErrorCode == SmtpErrorCode.RecipientNotAccepted ? Texts.Mail_SmtpRecipient : Texts.Mail_SmtpMessage;
        var alone = new MailRefusedException(Words(options, text, answer), refused);
        if (Greeting().IsMatch(said)) return Settings(Words(options, Texts.Mail_SmtpHelo, greeting, answer), alone);
        if (number is 530 or 538) return Unproved(answer, options, refused);
        // A server that asks for a login only for some recipients does not relay for the portal. An operator can correct that, so the message is
        // postponed and not refused.
        if (Login().IsMatch(said))
            return Settings(UnprovedWords(answer, options), new MailPostponedException(UnprovedWords(answer, options), refused));
        if (Relay().IsMatch(said)) return new MailPostponedException(Words(options, Texts.Mail_SmtpRelay, answer), refused);
        // 552 is about the size of the message, which is announced along with the sender.
        if ((refused.ErrorCode == SmtpErrorCode.SenderNotAccepted && number != 552) || Sender().IsMatch(said))
            return Settings(Words(options, Texts.Mail_SmtpSender, answer), alone);
        return alone;

        // The words alone are no proof: a server, or a filter behind it, says the same about a single recipient. Then the next message decides.
        NotSentException Settings(string words, NotSentException ifAlone) =>
            refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted
                ? new TransportDoubtedException(words, ifAlone)
                : new TransportUnreachableException(words, refused);
    }

    public static TransportUnreachableException Of(ServiceNotAuthenticatedException asked, SmtpOptions options) =>
        Unproved($"530 {asked.Message}", options, asked);

    /// <summary>Says why there is no connection.</summary>
    public static string Of(Exception closed, SmtpOptions options, string? greeting) => closed switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            Words(options, Texts.Mail_SmtpUnknownHost, options.Host, Technical(closed)),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            Words(options, Texts.Mail_SmtpNoConnection, options.Place, Technical(closed)),
        SocketException or TimeoutException => Words(options, Texts.Mail_SmtpNoAnswer, options.Place, Technical(closed)),
        NotSupportedException => Words(options, Texts.Mail_SmtpNoStartTls, options.Place),
        SmtpCommandException answer when Greeting().IsMatch(answer.Message)
            || answer.StatusCode is SmtpStatusCode.SyntaxError or (SmtpStatusCode)501 or (SmtpStatusCode)504 or (SmtpStatusCode)550 =>
            Words(options, Texts.Mail_SmtpHelo, greeting, Answer(answer)),
        SmtpCommandException answer => Words(options, Texts.Mail_SmtpNotWelcome, options.Place, Answer(answer)),
        _ => Words(options, Texts.Mail_SmtpBroken, options.Place, Technical(closed)),
    };

    public static string OfLogin(Exception refused, SmtpOptions options) => refused switch
    {
        AuthenticationException => Words(options, Texts.Mail_SmtpLogin, refused.Message),
        SmtpCommandException answer => Words(options, Texts.Mail_SmtpLogin, Answer(answer)),
        NotSupportedException =>
            Words(options, options.Security == SmtpSecurity.None ? Texts.Mail_SmtpNoLoginInPlain : Texts.Mail_SmtpNoLogin, options.Place),
        _ => Words(options, Texts.Mail_SmtpBroken, options.Place, Technical(refused)),
    };

    public static string IsTls(SmtpOptions options) => Words(options, Texts.Mail_SmtpIsTls, options.Place, options.Security);

    /// <param name="offersTls">Whether the server offers STARTTLS.</param>
    public static string IsPlain(SmtpOptions options, bool offersTls) =>
        Words(options, offersTls ? Texts.Mail_SmtpIsStartTls : Texts.Mail_SmtpIsPlain, options.Place);

    public static string SenderNeedsUtf8(SmtpOptions options) => Words(options, Texts.Mail_SmtpSenderNeedsUtf8, options.Place);

    public static string RecipientNeedsUtf8(SmtpOptions options) => Words(options, Texts.Mail_SmtpRecipientNeedsUtf8, options.Place);

    public static string Distrusted(SmtpOptions options, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var read = certificate is null ? null : new X509Certificate2(certificate);
        if (read is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return Words(options, Texts.Mail_SmtpCertificateNone, options.Place);
        // The date comes first: a wrong name can be corrected in the settings, and the date would still be wrong.
        if (chain?.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) == true)
            return Words(options, Texts.Mail_SmtpCertificateTime, options.Place, Day(read.NotBefore), Day(read.NotAfter));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return Words(options, Texts.Mail_SmtpCertificateName, options.Host, read.GetNameInfo(X509NameType.DnsName, forIssuer: false));
        return Words(options, Texts.Mail_SmtpCertificateIssuer, options.Place, read.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
    }

    private static TransportUnreachableException Unproved(string answer, SmtpOptions options, Exception asked) =>
        new(UnprovedWords(answer, options), asked);

    private static string UnprovedWords(string answer, SmtpOptions options) =>
        Words(options, answer.Contains("TLS", StringComparison.OrdinalIgnoreCase) ? Texts.Mail_SmtpTlsNeeded : Texts.Mail_SmtpLoginNeeded, answer);

    private static string Answer(SmtpCommandException answer) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {answer.Message}");

    private static string Technical(Exception failed) => $"{failed.GetType().Name}: {failed.Message}";

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Words(SmtpOptions options, string text, params object?[] values) =>
        string.Format(CultureInfo.CurrentCulture, options.IsStored ? WithFields(text) : text, values);

    /// <summary>
    /// Names the fields of the page instead of the keys of the configuration. The greeting's name has no field, and stays a key.
    /// </summary>
    private static string WithFields(string text) => ConfigurationKey().Replace(text, key => key.Value switch
    {
        "Mail:Smtp:Host" => Field(Texts.Configuration_MailHost),
        "Mail:Smtp:Port" => Field(Texts.Configuration_MailPort),
        "Mail:Smtp:Security" => Field(Texts.Configuration_MailSecurity),
        "Mail:Smtp:Username" => Field(Texts.Configuration_MailUsername),
        "Mail:Smtp:Password" => Field(Texts.Configuration_MailPassword),
        "Mail:From" => Field(Texts.Configuration_MailFrom),
        _ => key.Value,
    });

    private static string Field(string label) => string.Format(CultureInfo.CurrentCulture, Texts.Mail_Field, label);

    [GeneratedRegex("Mail:[A-Za-z:]*[A-Za-z]", RegexOptions.NonBacktracking)]
    private static partial Regex ConfigurationKey();

    [GeneratedRegex(@"\b(helo|ehlo)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Greeting();

    [GeneratedRegex(
        @"\bauth[a-z]* (is )?(required|first|needed)|\b(must|need to|please) (first )?(authenticate|log ?in)",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Login();

    [GeneratedRegex(@"\brelay(ing)?\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Relay();

    /// <summary>5.1.7 and 5.1.8 are about the sender (RFC 3463).</summary>
    [GeneratedRegex(@"\b5\.1\.[78]\b|\bsender (address|verif)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Sender();
}
