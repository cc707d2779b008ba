using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// What the messages of one claim have in common: settings and templates, read once for all of them. Read again after a second, so that a change
/// still takes effect at once while a slow mail server takes its time for each.
/// </summary>
internal sealed class MailBatch(MailOptions options, PublicAddress address)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Key, string Language), (DateTimeOffset At, MailFrame Frame, MailTemplate? Stored)> _read = [];

    /// <returns>The frame, and the edited template; null where the default is used.</returns>
    public async Task<(MailFrame Frame, MailTemplate? Stored)> ReadAsync(
        UnitOfWork work, string key, CultureInfo language, CancellationToken cancel)
    {
        if (_read.TryGetValue((key, language.Name), out var known) && work.Now - known.At < Lasts && work.Now >= known.At)
            return (known.Frame, known.Stored);
        var frame = await MailFrame.ReadAsync(work, options, address, language, cancel);
        var stored = await work.Query<MailTemplate>().SingleOrDefaultAsync(t => t.Key == key && t.Language == language.Name, cancel);
        _read[(key, language.Name)] = (work.Now, frame, stored);
        return (frame, stored);
    }
}
