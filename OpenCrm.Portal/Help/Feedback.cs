using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Help;

/// <summary>A comment on its way in. Whatever people write in any language is taken as it is; what no database or page can hold is refused, and where it stands is told.</summary>
internal static class Feedback
{
    /// <summary>A page of text; told at the field.</summary>
    public const int MostCharacters = 2_000;

    /// <returns>The text as it is stored, or what stands against it.</returns>
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
            // A half of a pair alone is no character: no encoding stores it.
            if (!Rune.TryGetRuneAt(text, at, out var rune) || !IsAccepted(rune)) return at;
            at += rune.Utf16SequenceLength;
        }
        return null;
    }

    private static bool IsAccepted(Rune rune) =>
        rune.Value is '\n' or '\t' || (!Rune.IsControl(rune) && (rune.Value & 0xFFFE) != 0xFFFE && rune.Value is not (>= 0xFDD0 and <= 0xFDEF));
}

/// <summary>What a comment is.</summary>
internal abstract record FeedbackReading
{
    private FeedbackReading() { }

    public sealed record Fine(string Text) : FeedbackReading;

    public sealed record TooLong(int Characters) : FeedbackReading;

    /// <summary>Where the character stands that cannot be stored, both from 1.</summary>
    public sealed record Unacceptable(int Line, int Column) : FeedbackReading;
}
