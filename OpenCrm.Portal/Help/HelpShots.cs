using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace OpenCrm.Portal.Help;

/// <summary>
/// The files of the pictures and their sizes. A size is read from the file, so that pictures taken anew fit without a change here, and the page has
/// room for each before it arrives.
/// </summary>
public sealed class HelpShots(IWebHostEnvironment host)
{
    /// <summary>Pixels of a file for each of the page: sharp on the screens of phones, too.</summary>
    public const double Density = 1.5;

    private readonly ConcurrentDictionary<string, ShotFile?> _known = new();

    /// <summary>Where a picture is, from the root of what is served: "help/de/code-step-dark.webp".</summary>
    public static string PathOf(HelpShot shot, string language, bool dark) => $"help/{language}/{NameOf(shot)}{(dark ? "-dark" : "")}.webp";

    /// <summary>What a picture shows, in the words of the reader's language.</summary>
    public static string DescriptionOf(HelpShot shot) => shot switch
    {
        HelpShot.SignIn => Texts.Help_ShotSignIn,
        HelpShot.CodeStep => Texts.Help_ShotCodeStep,
        HelpShot.WizardApp => Texts.Help_ShotWizardApp,
        HelpShot.RecordMfa => Texts.Help_ShotRecordMfa,
        HelpShot.WizardScan => Texts.Help_ShotWizardScan,
        HelpShot.WizardConfirm => Texts.Help_ShotWizardConfirm,
        HelpShot.WizardOther => Texts.Help_ShotWizardOther,
        HelpShot.LostDevice => Texts.Help_ShotLostDevice,
        HelpShot.LostDeviceConfirm => Texts.Help_ShotLostDeviceConfirm,
        HelpShot.DisableMfa => Texts.Help_ShotDisableMfa,
        HelpShot.MfaSwitch => Texts.Help_ShotMfaSwitch,
        HelpShot.Template => Texts.Help_ShotTemplate,
        HelpShot.Locked => Texts.Help_ShotLocked,
        HelpShot.Clock => Texts.Help_ShotClock,
        _ => throw new ArgumentOutOfRangeException(nameof(shot), shot, "A picture without words"),
    };

    /// <summary>Returns the file of a picture; null where there is none, and the article does without.</summary>
    internal ShotFile? Find(HelpShot shot, bool dark) => _known.GetOrAdd(PathOf(shot, Texts.Shell_Language, dark), Read);

    private static string NameOf(HelpShot shot) =>
        string.Concat($"{shot}".Select((letter, i) => char.IsUpper(letter) ? $"{(i == 0 ? "" : "-")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    private ShotFile? Read(string path)
    {
        var file = host.WebRootFileProvider.GetFileInfo(path);
        if (!file.Exists) return null;
        Span<byte> head = stackalloc byte[30];
        using (var stream = file.CreateReadStream()) stream.ReadExactly(head);
        return SizeOf(head) is { } size ? new(path, (int)(size.Width / Density), (int)(size.Height / Density)) : null;
    }

    /// <summary>Reads the size of a WebP picture; null if it is something else.</summary>
    private static (int Width, int Height)? SizeOf(ReadOnlySpan<byte> head)
    {
        if (!head[8..12].SequenceEqual("WEBP"u8)) return null;
        var kind = head[12..16];
        if (kind.SequenceEqual("VP8L"u8))
        {
            var sides = BinaryPrimitives.ReadUInt32LittleEndian(head[21..]);
            return ((int)(sides & 0x3fff) + 1, (int)((sides >> 14) & 0x3fff) + 1);
        }
        if (kind.SequenceEqual("VP8X"u8))
            return (Read24(head[24..]) + 1, Read24(head[27..]) + 1);
        return kind.SequenceEqual("VP8 "u8)
            ? (BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) & 0x3fff)
            : null;
    }

    private static int Read24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}

/// <param name="Path">From the root of what is served.</param>
/// <param name="Width">In pixels of the page.</param>
/// <param name="Height">In pixels of the page.</param>
internal sealed record ShotFile(string Path, int Width, int Height);
