using System.Globalization;

namespace OpenCrm.Portal.Mail;

/// <summary>Times in mails.</summary>
internal static class MailTime
{
    /// <summary>Writes a time in UTC and says so, because a mail may be read in any time zone.</summary>
    public static string Of(DateTimeOffset time, CultureInfo language) =>
        time.ToUniversalTime().ToString(Languages.In(language, () => Texts.Mail_Time), Languages.FormatsOf(language));
}
