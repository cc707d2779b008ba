using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Setup;

/// <summary>At start, while there is no administrator, makes the configured one or prints the set-up code and writes it to its file.</summary>
internal sealed class SetupAtStart(PortalSetUp setUp, SetupCodeFile file, IConfiguration configuration, ILogger<SetupAtStart> log)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (await setUp.IsDoneAsync(cancellationToken)) return;
        if (Configured() is { } request)
        {
            switch (await setUp.SetUpUnattendedAsync(request, "Setup settings", cancellationToken))
            {
                case SetUpOutcome.Done or SetUpOutcome.DoneAlready:
                    return;
                case SetUpOutcome.Invalid invalid:
                    var faults = invalid.User.Select(f => f.ToString()).Concat(invalid.Password.Select(f => "Password" + f));
                    throw new Data.StartRefusedException($"The first administrator of Setup:* cannot be made: {string.Join(", ", faults)}.");
            }
        }
    }

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        // Printed to the console instead of the log: logs are sent elsewhere and kept.
        if (await setUp.CreateCodeAsync(cancellationToken) is { } code)
        {
            file.Write(code);
            await Console.Out.WriteLineAsync($"Set-up code: {code}");
            log.WaitsForSetUp(file.Path);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private SetUpRequest? Configured() =>
        configuration["Setup:Username"] is { Length: > 0 } username
            && configuration["Setup:Email"] is { Length: > 0 } email
            && configuration["Setup:Password"] is { Length: > 0 } password
            ? new(GeneralSettings.DefaultCompanyName, null, username.Trim(), email.Trim(), password)
            : null;
}

internal static partial class SetupLog
{
    [LoggerMessage(Level = LogLevel.Information,
        Message = "The portal waits to be set up: open it in a browser and enter the set-up code that this console and the file {File} show")]
    internal static partial void WaitsForSetUp(this ILogger log, string file);
}
