using System.Security.Cryptography;

namespace OpenCrm.Portal.Mail;

/// <summary>Decides how long a message waits after a failure.</summary>
internal static class BackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Doubles from five seconds to ten minutes, give or take a fifth at random, so that messages that failed together are not all retried together.
    /// </summary>
    public static TimeSpan After(int attempts)
    {
        var doubled = First * Math.Pow(2, Math.Min(attempts - 1, 16));
        return (doubled < Longest ? doubled : Longest) * (RandomNumberGenerator.GetInt32(80, 121) / 100.0);
    }
}
