using System.Globalization;
using MimeKit;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Writes messages as <c>.eml</c> files, for another program to pick up, or to be read on a machine without a mail server (docs/spec.md 7.3).
/// </summary>
internal sealed class PickupTransport(string folder) : MimeTransport
{
    public override async Task SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        using var message = Compose(mail);
        Directory.CreateDirectory(folder);
        var name = $"{mail.At.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture)}-{mail.Id}.eml";
        // Written elsewhere and then moved, so that a program that watches the folder never reads half a message.
        var half = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, ".writing")).FullName, name);
        await using (var file = new FileStream(half, OwnersFile)) await message.WriteToAsync(Wire, file, cancel);
        File.Move(half, Path.Combine(folder, name), overwrite: true);
    }

    public override Task EndBatchAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>
    /// Line ends as on the wire (RFC 5322 2.1) on every operating system: the program that picks the files up may pass them on as they are.
    /// </summary>
    private static readonly FormatOptions Wire = new() { NewLineFormat = NewLineFormat.Dos };

    /// <summary>Only the portal's account may read the files, because messages hold live links.</summary>
    private static FileStreamOptions OwnersFile => OperatingSystem.IsWindows()
        ? new() { Mode = FileMode.Create, Access = FileAccess.Write }
        : new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
}
