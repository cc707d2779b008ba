using System.Globalization;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends one test mail straight to a mail server, past the outbox, and waits for the answer: whoever connects a mail server wants to know what it
/// says before anything is saved. Nothing else but the outbox's sender calls a transport.
/// </summary>
public sealed class MailTrial(UnitsOfWork units, TemplateRenderer renderer, PublicAddress address, TimeProvider time)
{
    /// <summary>How long the person waits at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long for each answer of the server, so that time is left to find out which setting is wrong.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(9);

    /// <param name="options">The settings to try; they name a mail server.</param>
    public async Task<MailTrialOutcome> SendAsync(MailOptions options, MailRecipient to, CancellationToken cancel = default)
    {
        var server = options.Smtp ?? throw new ArgumentException("There is no mail server to try.", nameof(options));
        if (server.IsPasswordUnreadable) return new MailTrialOutcome.NotSent(Texts.Mail_PasswordUnreadable);
        var mail = await ComposeAsync(options, to, cancel);
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var transport = new SmtpTransport(server, AnswerPatience);
        try
        {
            await transport.SendAsync(mail, either.Token);
            var said = transport.Accepted ?? "";
            await transport.EndBatchAsync(either.Token);
            return new MailTrialOutcome.Accepted(server.Place, FailureWording.Quoted(said));
        }
        catch (Exception) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new MailTrialOutcome.NotSent(
                string.Format(CultureInfo.CurrentCulture, Texts.Mail_TrialNoAnswer, server.Place, (int)Patience.TotalSeconds));
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            var why = failed is NotSentException
                ? FailureWording.Of(failed, mail)
                : string.Format(CultureInfo.CurrentCulture, Texts.Mail_SmtpBroken, server.Place, FailureWording.Quoted(failed.Message));
            return new MailTrialOutcome.NotSent(FailureWording.Sentence(why));
        }
    }

    private async Task<OutgoingMail> ComposeAsync(MailOptions options, MailRecipient to, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, to.Language, cancel);
        var draft = new MailDraft.Test(to, work.Now);
        var content = renderer.Render(draft.Template, TemplateText.Default(draft.Template, to.Language), draft.Values, to.Name, frame);
        var id = Guid.CreateVersion7(work.Now);
        return new(id, draft.Template.Key, $"{id:N}@{frame.MessageIdHost}", work.Now, new(frame.FromAddress, frame.CompanyName), to, content)
        {
            HeloName = frame.HeloName,
        };
    }
}

/// <summary>What came of a test mail: a closed set.</summary>
public abstract record MailTrialOutcome
{
    private MailTrialOutcome() { }

    /// <summary>The mail server took it.</summary>
    /// <param name="Place">Host and port of the server.</param>
    /// <param name="Said">The server's own words.</param>
    public sealed record Accepted(string Place, string Said) : MailTrialOutcome;

    /// <summary>It was not sent.</summary>
    /// <param name="Why">Sentences for people that name the setting, with the server's own words.</param>
    public sealed record NotSent(string Why) : MailTrialOutcome;
}
