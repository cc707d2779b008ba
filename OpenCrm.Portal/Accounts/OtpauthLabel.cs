using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>The name of an entry in an authenticator app: whose code it is, and of which company (docs/spec.md 2.4).</summary>
/// <param name="Issuer">The company.</param>
/// <param name="Account">The username.</param>
public sealed record OtpauthLabel(string Issuer, string Account)
{
    /// <summary>A longer address makes the squares of the QR code too small for a phone's camera.</summary>
    public const int LongestAddress = 400;

    /// <summary>
    /// The characters left for the two escaped names, of which the company's appears twice; the rest of the address takes 98. Beyond ASCII, escaping
    /// turns one letter into six or nine characters.
    /// </summary>
    private const int Room = LongestAddress - 98;

    /// <summary>
    /// Characters reserved for the company beside a very long username: eight Cyrillic letters, five Chinese ones. Without a company, entries in the
    /// app could not be told apart.
    /// </summary>
    private const int IssuerKeeps = 48;

    /// <summary>
    /// Makes the label for a company and a username: without what apps refuse or misread, and short enough for the address. The company's name is
    /// shortened first.
    /// </summary>
    public static OtpauthLabel Of(string company, string username)
    {
        var issuer = Clean(company) is { Length: > 0 } named ? named : GeneralSettings.DefaultCompanyName;
        var account = Fit(Clean(username), Room - (2 * Math.Min(Escaped(issuer), IssuerKeeps)));
        return new(Fit(issuer, (Room - Escaped(account)) / 2), account);
    }

    /// <summary>
    /// Removes colons and invisible characters. A colon separates the two names, even an escaped one in several apps; invisible characters make two
    /// entries look alike, or turn the reading direction.
    /// </summary>
    private static string Clean(string name)
    {
        var clean = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune)) clean.Append(' ');
            else if (rune.Value is not ':' && !IsUnseen(rune)) clean.Append(rune.ToString());
        }
        return string.Join(' ', clean.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Control, format and direction characters, noncharacters, and letters and marks for which nothing is drawn.</summary>
    private static bool IsUnseen(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF
        || UnicodeTables.IsInvisible(rune);

    /// <summary>Returns the beginning that fits: whole letters with all their marks, and never a part of an escape sequence.</summary>
    private static string Fit(string name, int room)
    {
        var fits = Length(name, room, StringInfo.GetNextTextElementLength);
        // One letter with so many marks that it does not fit: some marks are dropped, or the name would be empty.
        if (fits == 0) fits = Length(name, room, (text, at) => Rune.GetRuneAt(text, at).Utf16SequenceLength);
        return name[..fits].TrimEnd();
    }

    private static int Length(string name, int room, Func<string, int, int> next)
    {
        var (at, used) = (0, 0);
        while (at < name.Length)
        {
            var letter = next(name, at);
            used += Escaped(name.Substring(at, letter));
            if (used > room) break;
            at += letter;
        }
        return at;
    }

    private static int Escaped(string name) => Uri.EscapeDataString(name).Length;
}
