using System.Collections.Concurrent;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>Keeps the mails that it is given, or fails as <c>Fails</c> says.</summary>
internal sealed class RecordingTransport : IMailTransport, IDisposable
{
    private readonly SemaphoreSlim _arrived = new(0);

    public ConcurrentQueue<OutgoingMail> Sent { get; } = new();

    public Func<OutgoingMail, Exception?> Fails { get; set; } = _ => null;

    /// <summary>Called for each message before it is accepted.</summary>
    public Func<OutgoingMail, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public int Batches { get; private set; }

    public int Tried { get; private set; }

    public async Task SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        Tried++;
        await Before(mail, cancel);
        if (Fails(mail) is { } failure) throw failure;
        Sent.Enqueue(mail);
        _arrived.Release();
    }

    public Task EndBatchAsync(CancellationToken cancel)
    {
        Batches++;
        return Task.CompletedTask;
    }

    public void Dispose() => _arrived.Dispose();

    public async Task ArrivedAsync(CancellationToken cancel) =>
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20), cancel), "no message arrived");
}
