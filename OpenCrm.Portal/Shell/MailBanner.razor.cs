using System.Globalization;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Tells system administrators that mail cannot be sent. People whose actions the mails report are not bothered: the actions themselves are done.
/// </summary>
public sealed partial class MailBanner(OutboxWatch watch, ReaderCulture reader) : IDisposable
{
    private MailBacklog drawn = MailBacklog.Fine;

    private string Text => string.Join(' ', new[] { Waiting(drawn.Waiting), Dead(drawn.Dead) }.Where(text => text.Length > 0));

    public void Dispose() => watch.Looked -= Refresh;

    protected override void OnInitialized()
    {
        drawn = watch.Backlog;
        watch.Looked += Refresh;
    }

    private static string Waiting(int count) => count switch
    {
        0 => "",
        1 => Texts.Outbox_BannerWaitingOne,
        _ => Phrase.Of(Texts.Outbox_BannerWaiting, Number(count)),
    };

    private static string Dead(int count) => count switch
    {
        0 => "",
        1 => Texts.Outbox_BannerDeadOne,
        _ => Phrase.Of(Texts.Outbox_BannerDead, Number(count)),
    };

    private static string Number(int count) =>
        count > MailBacklog.Bound ? Phrase.Of(Texts.Outbox_Many, MailBacklog.Bound) : count.ToString(CultureInfo.CurrentCulture);

    private void Refresh()
    {
        // Raised after each batch of mails. The banner is rendered only if it changes.
        if (watch.Backlog == drawn) return;
        // Raised by a worker, which has the culture of nobody.
        _ = InvokeAsync(() => reader.Run(() =>
        {
            drawn = watch.Backlog;
            StateHasChanged();
        }));
    }
}
