using OtpNet;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>Somebody who can sign in.</summary>
/// <param name="Name">What is typed: a username or an e-mail address.</param>
/// <param name="Key">The authenticator's secret; null without one.</param>
internal sealed record Person(string Name, string Password, byte[]? Key = null)
{
    private long _used;

    /// <summary>The code of this moment; waits for the next one where a server takes each only once and this one was used.</summary>
    public async Task<string> CodeAsync()
    {
        var key = Key ?? throw new InvalidOperationException($"{Name} has no authenticator");
        while (Step() <= _used) await Task.Delay(TimeSpan.FromMilliseconds(100));
        _used = Step();
        return new Totp(key).ComputeTotp(DateTime.UnixEpoch.AddSeconds(30 * _used));
    }

    private static long Step() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
}
