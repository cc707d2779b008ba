using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Accounts;

/// <summary>The name of an entry in an authenticator app: whose code it is, and of which company (spec 2.4).</summary>
/// <param name="Issuer">The company.</param>
/// <param name="Account">The username.</param>
public sealed record OtpauthLabel(string Issuer, string Account)
{
    /// <summary>A longer address makes modules too small for a phone's camera.</summary>
    public const int LongestAddress = 400;

    /// <summary>
    /// What the escaped names may take of the address, the company's counted twice: everything else in it is 98 characters. Beyond ASCII a letter is six or nine of these.
    /// </summary>
    private const int Room = LongestAddress - 98;

    /// <summary>What the company keeps beside a username that would need all the room: eight Cyrillic letters, five Chinese ones. An entry without a company is told from no other.</summary>
    private const int IssuerKeeps = 48;

    /// <summary>The label for a company and a username, without what apps refuse or misread, and short enough: the company gives up its end first.</summary>
    public static OtpauthLabel Of(string company, string username)
    {
        var issuer = Clean(company) is { Length: > 0 } named ? named : GeneralSettings.DefaultCompanyName;
        var account = Fit(Clean(username), Room - (2 * Math.Min(Escaped(issuer), IssuerKeeps)));
        return new(Fit(issuer, (Room - Escaped(account)) / 2), account);
    }

    /// <summary>A colon parts the two names, also an escaped one in several apps; what cannot be seen makes two entries that look alike, or turns their letters around.</summary>
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

    /// <summary>Control, format and direction characters, noncharacters, and the letters and marks among what is never drawn.</summary>
    private static bool IsUnseen(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF
        || UnicodeTables.IsInvisible(rune);

    /// <summary>The beginning that fits: whole letters with all their marks, and never a part of an escape.</summary>
    private static string Fit(string name, int room)
    {
        var fits = Length(name, room, StringInfo.GetNextTextElementLength);
        // One letter under a tower of marks: its end goes, or the name would be empty.
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
