using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace OpenCrm.Portal.Benchmarks.Probe;

/// <summary>Adds up what the server's own password hasher costs.</summary>
internal sealed class TimedHasher<TUser>(IPasswordHasher<TUser> hasher) : IPasswordHasher<TUser> where TUser : class
{
    public string HashPassword(TUser user, string password)
    {
        var began = ThreadClock.Now();
        try
        {
            return hasher.HashPassword(user, password);
        }
        finally
        {
            HashCost.Add(ThreadClock.Now() - began);
        }
    }

    public PasswordVerificationResult VerifyHashedPassword(TUser user, string hashedPassword, string providedPassword)
    {
        var began = ThreadClock.Now();
        try
        {
            return hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
        finally
        {
            HashCost.Add(ThreadClock.Now() - began);
        }
    }
}

/// <summary>The sum over all hashes of this process.</summary>
internal static class HashCost
{
    private static long _count, _ticks;

    public static long Count => Interlocked.Read(ref _count);

    public static TimeSpan Time => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    public static void Add(TimeSpan time)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>Puts a <see cref="TimedHasher{TUser}"/> around each hasher that is registered.</summary>
    public static void Watch(IServiceCollection services)
    {
        foreach (var hasher in services.Where(IsHasher).ToList())
        {
            var timed = typeof(TimedHasher<>).MakeGenericType(hasher.ServiceType.GenericTypeArguments);
            services[services.IndexOf(hasher)] = new ServiceDescriptor(
                hasher.ServiceType, provider => Activator.CreateInstance(timed, Make(hasher, provider))!, hasher.Lifetime);
        }
    }

    private static bool IsHasher(ServiceDescriptor service) =>
        !service.IsKeyedService
        && service.ServiceType is { IsConstructedGenericType: true } type
        && type.GetGenericTypeDefinition() == typeof(IPasswordHasher<>);

    private static object Make(ServiceDescriptor hasher, IServiceProvider provider) =>
        hasher.ImplementationInstance
        ?? hasher.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, hasher.ImplementationType!);
}
