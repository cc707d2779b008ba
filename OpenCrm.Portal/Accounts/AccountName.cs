using System.Net.Mail;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Accounts;

/// <summary>What may be a username or an e-mail address, and how what is typed becomes one (spec 1.5, 2.7).</summary>
public static partial class AccountName
{
    public const int UsernameLength = 64;
    public const int EmailLength = 254;

    /// <summary>Case and spaces around it do not matter; upper-cased as ASP.NET Core Identity stores it.</summary>
    public static string Normalize(string typed) => typed.Trim().Normalize().ToUpperInvariant();

    /// <summary>Whether what was typed can only be an e-mail address: usernames hold no <c>@</c>.</summary>
    public static bool IsEmail(string typed) => typed.Contains('@', StringComparison.Ordinal);

    public static bool IsValidUsername(string username) => username.Length is >= 1 and <= UsernameLength && Username().IsMatch(username);

    /// <summary>One plain address: no display name, no quotes, nothing that could add a recipient or a header.</summary>
    public static bool IsValidEmail(string email) =>
        email.Length <= EmailLength
        && Email().IsMatch(email)
        && MailAddress.TryCreate(email, out var parsed)
        && parsed.Address == email;

    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}._\-+]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Username();

    [GeneratedRegex(@"\A[^\s@<>()\[\]\\,;:""\p{C}]+@[^\s@<>()\[\]\\,;:""\p{C}]+\.[^\s@<>()\[\]\\,;:""\p{C}]+\z|\A[^\s@<>()\[\]\\,;:""\p{C}]+@localhost\z", RegexOptions.NonBacktracking)]
    private static partial Regex Email();
}
