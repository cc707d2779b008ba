using System.Diagnostics.Metrics;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Notifies the operator of enrolments that cannot be read: only the operator can help the person who is refused. It uses a metric and the log, not
/// the health endpoint: nobody who asks for the portal's health may read a number that a single request can change (docs/spec.md 1.6).
/// </summary>
internal sealed partial class UnreadableAuthenticators(IMeterFactory meters, ILogger<UnreadableAuthenticators> log)
{
    private readonly Counter<long> _refused = meters.Create("OpenCrm.Portal").CreateCounter<long>(
        "portal.authenticators.unreadable", unit: "{refusal}", description: "Answers refused because the enrolment of the user cannot be read.");

    /// <summary>Counts one refusal.</summary>
    public void Count(UnreadableBecause why) => _refused.Add(1, new KeyValuePair<string, object?>("reason", why.ToString()));

    /// <summary>Writes the log line, once for each audit event.</summary>
    public void Report(string username, UnreadableBecause why)
    {
        if (why is UnreadableBecause.KeyNotDecryptable) LogNotDecryptable(username);
        else LogBroken(username, why);
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The authenticator of {Username} cannot be decrypted, and whoever signs in there is refused. "
            + "If KeyRing:CertificatePath or the key ring was exchanged, put the old one back. "
            + "Otherwise run the command 'disable-mfa {Username}'; the person then sets MFA up anew.")]
    private partial void LogNotDecryptable(string username);

    [LoggerMessage(Level = LogLevel.Error, Message = "The authenticator of {Username} cannot be read ({Why}), and whoever signs in there is refused. "
        + "Run the command 'disable-mfa {Username}'; the person then sets MFA up anew.")]
    private partial void LogBroken(string username, UnreadableBecause why);
}
