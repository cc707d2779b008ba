using OtpNet;

namespace OpenCrm.Portal.Accounts;

/// <summary>The secret that an authenticator app and the portal share (RFC 6238: SHA-1, six digits, 30 seconds).</summary>
public sealed class AuthenticatorKey
{
    /// <summary>Bytes of a new key: RFC 4226 4 R6 recommends 160 bits.</summary>
    public const int Length = 20;

    public const int StepSeconds = 30;

    /// <summary>Steps accepted on either side of the current one (docs/spec.md 1.4; RFC 6238 5.2).</summary>
    private const int Tolerance = 1;

    /// <summary>How far the wizard searches to tell a wrong clock from a wrong code: 20 steps are 10 minutes.</summary>
    private const int DriftSteps = 20;

    private readonly byte[] _secret;

    private AuthenticatorKey(byte[] secret) => _secret = secret;

    public static AuthenticatorKey Generate() => new(KeyGeneration.GenerateRandomKey(Length));

    /// <exception cref="ArgumentException">The bytes are too short to be a key.</exception>
    public static AuthenticatorKey From(byte[] secret) =>
        secret.Length >= Length ? new(secret) : throw new ArgumentException("An authenticator key has 160 bits or more.", nameof(secret));

    public byte[] ToBytes() => [.. _secret];

    /// <summary>The key as people type it: Base32 in groups of four.</summary>
    public IReadOnlyList<string> Groups => [.. Base32Encoding.ToString(_secret).TrimEnd('=').Chunk(4).Select(group => new string(group))];

    /// <summary>
    /// Returns the address behind the QR code, as authenticator apps read it. A space is written as %20, because some apps show a plus sign as it is.
    /// </summary>
    public string OtpauthUri(OtpauthLabel label)
    {
        var (issuer, account) = (Uri.EscapeDataString(label.Issuer), Uri.EscapeDataString(label.Account));
        return $"otpauth://totp/{issuer}:{account}?secret={Base32Encoding.ToString(_secret).TrimEnd('=')}"
            + $"&issuer={issuer}&algorithm=SHA1&digits=6&period={StepSeconds}";
    }

    /// <summary>
    /// Returns the time step whose code was typed, or null for a wrong code. Does not know whether the step was used before: the database decides
    /// that.
    /// </summary>
    public long? Match(string typed, DateTimeOffset now) => Match(typed, now, Tolerance);

    /// <summary>
    /// Returns how far the device's clock is off if the code fits a step up to 10 minutes away: positive when it is ahead, null when the code fits no
    /// step.
    /// </summary>
    public TimeSpan? Drift(string typed, DateTimeOffset now) =>
        Match(typed, now, DriftSteps) is { } step ? TimeSpan.FromSeconds((step - StepAt(now)) * StepSeconds) : null;

    /// <summary>Returns when a time step begins.</summary>
    public static DateTimeOffset StartOf(long step) => DateTimeOffset.FromUnixTimeSeconds(step * StepSeconds);

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    private long? Match(string typed, DateTimeOffset now, int steps) =>
        TypedCode.SixDigits(typed) is { } code
            && new Totp(_secret).VerifyTotp(now.UtcDateTime, code, out var step, new VerificationWindow(steps, steps))
            ? step
            : null;
}
