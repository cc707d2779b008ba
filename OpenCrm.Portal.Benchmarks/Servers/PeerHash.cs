using System.Security.Cryptography;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Probe;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>What one password hash of a peer costs, in milliseconds of processor time: measured beside it, because it does not tell.</summary>
internal static class PeerHash
{
    private const int Times = 7;

    /// <summary>PBKDF2 with SHA-256, 150,000 iterations; by OpenSSL, which is not slower than the peer's own.</summary>
    public static double Glewlwyd()
    {
        var (salt, runs) = (RandomNumberGenerator.GetBytes(16), new Runs());
        for (var i = 0; i < Times; i++)
        {
            var began = ThreadClock.Now();
            Rfc2898DeriveBytes.Pbkdf2("Passw0rd!-measured", salt, 150_000, HashAlgorithmName.SHA256, 32);
            runs.Add((ThreadClock.Now() - began).TotalMilliseconds);
        }
        return runs.Median;
    }

    /// <summary>scrypt with N = 16384, r = 16, by Node's own.</summary>
    public static async Task<double> BetterAuthAsync()
    {
        const string script =
            """
            const { scryptSync } = require('node:crypto'), took = [];
            for (let i = 0; i < 7; i++) {
              const before = process.cpuUsage();
              scryptSync('Passw0rd!-measured', 'salt', 64, { N: 16384, r: 16, p: 1, maxmem: 128 * 16384 * 16 * 2 });
              const { user, system } = process.cpuUsage(before);
              took.push((user + system) / 1000);
            }
            console.log(took.sort((a, b) => a - b)[3]);
            """;
        var node = FoundTools.Node ?? throw new InvalidOperationException("Node is not installed");
        var said = (await CommandLineTool.RunAsync(node, ["-e", script])).OutputOrThrow("node");
        return double.Parse(said, System.Globalization.CultureInfo.InvariantCulture);
    }
}
