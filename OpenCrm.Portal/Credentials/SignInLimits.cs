namespace OpenCrm.Portal.Credentials;

/// <summary>The settings <c>Limits:</c>, per client address.</summary>
public sealed class SignInLimits
{
    public const string Section = "Limits";

    /// <summary>Wrong answers in <see cref="SignInWindow"/>.</summary>
    public int SignInFailures { get; init; } = 300;

    public static readonly TimeSpan SignInWindow = TimeSpan.FromMinutes(15);

    /// <summary>Requests for a link by mail in <see cref="MailedLinksWindow"/>.</summary>
    public int MailedLinks { get; init; } = 30;

    public static readonly TimeSpan MailedLinksWindow = TimeSpan.FromHours(1);
}
