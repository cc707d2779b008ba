using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Until the portal listens, whatever ends its start is told in one line by the program; host and server would log the same beside it, as an error with a stack. Their warnings
/// stay, such as the one about addresses that are configured twice, and from then on they log as configured.
/// </summary>
internal sealed class QuietStart : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    private readonly CancellationTokenSource started = new();

    public string Name => Options.DefaultName;

    public void Configure(LoggerFilterOptions options)
    {
        if (started.IsCancellationRequested) return;
        foreach (var category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel" })
            options.Rules.Add(new(null, category, LogLevel.Information, (_, _, level) => level < LogLevel.Error));
    }

    public IChangeToken GetChangeToken() => started.IsCancellationRequested ? new CancellationChangeToken(CancellationToken.None) : new CancellationChangeToken(started.Token);

    /// <summary>The portal listens.</summary>
    public void End() => started.Cancel();

    public void Dispose() => started.Dispose();
}
