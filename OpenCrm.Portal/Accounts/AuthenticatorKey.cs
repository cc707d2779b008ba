using OtpNet;

namespace OpenCrm.Portal.Accounts;

/// <summary>The secret that an authenticator app and the portal share (RFC 6238: SHA-1, six digits, 30 s).</summary>
public sealed class AuthenticatorKey
{
    /// <summary>RFC 4226 4 R6 recommends 160 bits.</summary>
    public const int Length = 20;

    public const int StepSeconds = 30;

    /// <summary>Steps accepted on either side of the current one (spec 1.4; RFC 6238 5.2).</summary>
    private const int Tolerance = 1;

    /// <summary>How far the wizard looks to tell a wrong clock from a wrong code: 10 minutes (spec 2.6).</summary>
    private const int DriftSteps = 20;

    private readonly byte[] _secret;

    private AuthenticatorKey(byte[] secret) => _secret = secret;

    public static AuthenticatorKey Generate() => new(KeyGeneration.GenerateRandomKey(Length));

    /// <exception cref="ArgumentException">The bytes are no key of ours.</exception>
    public static AuthenticatorKey From(byte[] secret) =>
        secret.Length >= Length ? new(secret) : throw new ArgumentException("An authenticator key has 160 bits or more.", nameof(secret));

    public byte[] ToBytes() => [.. _secret];

    /// <summary>The key as people type it: Base32 in groups of four.</summary>
    public IReadOnlyList<string> Groups => [.. Base32Encoding.ToString(_secret).TrimEnd('=').Chunk(4).Select(group => new string(group))];

    /// <summary>The address behind the QR code, as authenticator apps read it (spec 2.4). A blank is %20: some apps show a plus sign as it is.</summary>
    public string OtpauthUri(OtpauthLabel label)
    {
        var (issuer, account) = (Uri.EscapeDataString(label.Issuer), Uri.EscapeDataString(label.Account));
        return $"otpauth://totp/{issuer}:{account}?secret={Base32Encoding.ToString(_secret).TrimEnd('=')}&issuer={issuer}&algorithm=SHA1&digits=6&period={StepSeconds}";
    }

    /// <summary>The time step whose code this is, or null for a wrong code. Whether the step is still unused is the database's to say.</summary>
    public long? Match(string typed, DateTimeOffset now) => Match(typed, now, Tolerance);

    /// <summary>
    /// How far the device's clock is off if the code fits another step up to 10 minutes away: positive when it is ahead; null for a code that fits nowhere.
    /// </summary>
    public TimeSpan? Drift(string typed, DateTimeOffset now) =>
        Match(typed, now, DriftSteps) is { } step ? TimeSpan.FromSeconds((step - StepAt(now)) * StepSeconds) : null;

    /// <summary>When a time step begins.</summary>
    public static DateTimeOffset StartOf(long step) => DateTimeOffset.FromUnixTimeSeconds(step * StepSeconds);

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    private long? Match(string typed, DateTimeOffset now, int steps) =>
        TypedCode.SixDigits(typed) is { } code
            && new Totp(_secret).VerifyTotp(now.UtcDateTime, code, out var step, new VerificationWindow(steps, steps))
            ? step
            : null;
}
