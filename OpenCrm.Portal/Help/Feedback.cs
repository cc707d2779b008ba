using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Help;

/// <summary>
/// Reads a comment as it comes in. Text in any language is taken as it is. Characters that a database or page cannot hold are refused, and their
/// place is reported.
/// </summary>
internal static class Feedback
{
    /// <summary>About a page of text; shown at the field.</summary>
    public const int MostCharacters = 2_000;

    /// <returns>The text to store, or why it is refused.</returns>
    public static FeedbackReading Read(string? typed)
    {
        var text = (typed ?? "").ReplaceLineEndings("\n").Trim();
        if (text.Length > MostCharacters) return new FeedbackReading.TooLong(text.Length);
        if (FirstRefused(text) is not { } at) return new FeedbackReading.Fine(text);
        var before = text[..at];
        var line = before.Count(c => c == '\n') + 1;
        return new FeedbackReading.Unacceptable(line, new StringInfo(before[(before.LastIndexOf('\n') + 1)..]).LengthInTextElements + 1);
    }

    private static int? FirstRefused(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            // Half of a surrogate pair is no character: no encoding can store it.
            if (!Rune.TryGetRuneAt(text, at, out var rune) || !IsAccepted(rune)) return at;
            at += rune.Utf16SequenceLength;
        }
        return null;
    }

    private static bool IsAccepted(Rune rune) =>
        rune.Value is '\n' or '\t' || (!Rune.IsControl(rune) && (rune.Value & 0xFFFE) != 0xFFFE && rune.Value is not (>= 0xFDD0 and <= 0xFDEF));
}

/// <summary>The result of reading a comment.</summary>
internal abstract record FeedbackReading
{
    private FeedbackReading() { }

    public sealed record Fine(string Text) : FeedbackReading;

    public sealed record TooLong(int Characters) : FeedbackReading;

    /// <summary>The comment holds a character that cannot be stored. Line and column count from 1.</summary>
    public sealed record Unacceptable(int Line, int Column) : FeedbackReading;
}
