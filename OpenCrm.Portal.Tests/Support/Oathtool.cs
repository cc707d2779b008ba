using System.Globalization;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Codes from an implementation that shares no code with the portal.</summary>
public static class Oathtool
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    /// <param name="secret">The key in Base32; groups of four and lower case are allowed, as a person reads it.</param>
    /// <param name="at">The time of the code; null means the real time.</param>
    /// <param name="digits">The number of digits; six, as in the portal, by default.</param>
    public static async Task<string> CodeAsync(string secret, DateTimeOffset? at = null, int digits = 6)
    {
        var when = (at ?? TimeProvider.System.GetUtcNow()).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "--totp", "--base32", "--digits", digits.ToString(CultureInfo.InvariantCulture), "--now", when,
            secret.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant(),
        ];
        return (await CommandLineTool.RunAsync(Needs.Oathtool(), arguments)).OutputOrThrow("oathtool").Trim();
    }

    /// <summary>Returns a code that is wrong now, one step before and one step after.</summary>
    public static async Task<string> WrongCodeAsync(string secret, DateTimeOffset? at = null)
    {
        var now = at ?? TimeProvider.System.GetUtcNow();
        string[] right = [await CodeAsync(secret, now - Step), await CodeAsync(secret, now), await CodeAsync(secret, now + Step)];
        return Enumerable.Range(0, 4).Select(n => n.ToString("D6", CultureInfo.InvariantCulture)).First(code => !right.Contains(code));
    }
}
