using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Benchmarks;
using OpenCrm.Portal.Benchmarks.Probe;

/// <summary>
/// Runs inside a server whose <c>DOTNET_STARTUP_HOOKS</c> names this assembly. It gives a portal the clock of <see cref="LookClock"/>, so that what
/// stands in pictures is the same at every hour, or a measured server the <see cref="ServerProbe"/>. The runtime finds this class by its name,
/// outside of any namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(LookClock.Variable) is { Length: > 0 } file)
        {
            var clock = new LookClock(file);
            OnBuilding(services => services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(clock));
        }
        if (Environment.GetEnvironmentVariable(ServerProbe.Variable) is { Length: > 0 } socket)
        {
            ServerProbe.Start(socket);
            OnBuilding(HashCost.Watch);
        }
    }

    private static void OnBuilding(Action<IServiceCollection> change) => DiagnosticListener.AllListeners.Subscribe(new Listeners(change));

    private sealed class Listeners(Action<IServiceCollection> change) : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(new Building(change));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    /// <summary>Changes the services when all are registered and none is made yet.</summary>
    private sealed class Building(Action<IServiceCollection> change) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder host }) host.ConfigureServices(services => change(services));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
