using System.ComponentModel.DataAnnotations;

namespace OpenCrm.Portal.Credentials;

/// <summary>The settings <c>Limits:</c>. All of them count per client address.</summary>
public sealed class SignInLimits
{
    public const string Section = "Limits";

    private const int Most = 1_000_000;

    /// <summary>Most wrong answers in <see cref="SignInWindow"/>.</summary>
    [Range(1, Most, ErrorMessage = $"{Section}:SignInFailures must be a number from {{1}} to {{2}}.")]
    public int SignInFailures { get; init; } = 300;

    public static readonly TimeSpan SignInWindow = TimeSpan.FromMinutes(15);

    /// <summary>Most requests for a mailed link in <see cref="MailedLinksWindow"/>.</summary>
    [Range(1, Most, ErrorMessage = $"{Section}:MailedLinks must be a number from {{1}} to {{2}}.")]
    public int MailedLinks { get; init; } = 30;

    public static readonly TimeSpan MailedLinksWindow = TimeSpan.FromHours(1);
}
