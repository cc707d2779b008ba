using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Benchmarks;

/// <summary>
/// Runs inside a published portal whose <c>DOTNET_STARTUP_HOOKS</c> names this assembly, and gives it the clock of <see cref="LookClock"/>: what
/// stands in pictures is then the same at every hour. The runtime finds this class by its name, outside of any namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(LookClock.Variable) is { Length: > 0 } file)
            DiagnosticListener.AllListeners.Subscribe(new Listeners(new LookClock(file)));
    }

    private sealed class Listeners(TimeProvider clock) : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(new Building(clock));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    /// <summary>Replaces the clock when all services of the portal are registered and none is made yet.</summary>
    private sealed class Building(TimeProvider clock) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host })
                host.ConfigureServices(services => services.RemoveAll<TimeProvider>().AddSingleton(clock));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
