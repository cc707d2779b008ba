using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Silences the errors of host and server until the portal listens. The program reports what ends its start in one line, and they would log the same
/// again, with a stack. Their warnings stay, such as the one about addresses that are configured twice. Once the portal listens, they log as
/// configured.
/// </summary>
internal sealed class QuietStart : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    private readonly CancellationTokenSource _started = new();

    public string Name => Options.DefaultName;

    public void Configure(LoggerFilterOptions options)
    {
        if (_started.IsCancellationRequested) return;
        foreach (var category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel" })
            options.Rules.Add(new(null, category, LogLevel.Information, (_, _, level) => level < LogLevel.Error));
    }

    public IChangeToken GetChangeToken() =>
        _started.IsCancellationRequested
            ? new CancellationChangeToken(CancellationToken.None)
            : new CancellationChangeToken(_started.Token);

    /// <summary>Ends the silence, once the portal listens.</summary>
    public void End() => _started.Cancel();

    public void Dispose() => _started.Dispose();
}
