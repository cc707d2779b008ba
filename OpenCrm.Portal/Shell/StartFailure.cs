using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Describes why the portal does not start or a command fails, in one line that names the setting. A stack does not help an operator who has to
/// correct a setting.
/// </summary>
public static class StartFailure
{
    /// <summary>
    /// Whether the failure is reported. All are, except the one by which the library stops a host that a tool only wanted to inspect.
    /// </summary>
    public static bool IsReported(Exception failure) => failure is not HostAbortedException;

    public static string Describe(Exception failure) => Outage.OneLine(failure switch
    {
        StartRefusedException refused => refused.Message,
        _ when Outage.Causes(failure).OfType<StartRefusedException>().FirstOrDefault() is { } refused => refused.Message,
        _ => DatabaseFailure.Describe(failure) ?? Settings(failure) ?? Address(failure) ?? Certificate(failure) ?? Unforeseen(failure),
    });

    private static string? Address(Exception failure)
    {
        if (failure is (FormatException or InvalidOperationException)
            && Words(failure, "url", "address", "port", "endpoint")
            && !Words(failure, "HTTPS", "certificate"))
        {
            return $"ASPNETCORE_URLS, or Kestrel:Endpoints, holds an address that cannot be listened on: {failure.Message}";
        }
        if (Outage.Causes(failure)
            .Any(cause => cause is AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }))
        {
            return $"Another program listens there already; choose another address in ASPNETCORE_URLS, or Kestrel:Endpoints: {failure.Message}";
        }
        return Outage.Causes(failure).OfType<SocketException>().FirstOrDefault() is { } refused
            ? $"The address of ASPNETCORE_URLS, or Kestrel:Endpoints, cannot be listened on: {failure.Message} {refused.Message}."
            : null;
    }

    private static string? Certificate(Exception failure) => failure switch
    {
        CryptographicException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException =>
            "A certificate of Kestrel:Certificates, or Kestrel:Endpoints, cannot be opened; "
            + $"are its Path and Password right, and may the portal's account read it? {failure.Message}",
        InvalidOperationException when Words(failure, "HTTPS", "certificate") =>
            $"An https address of ASPNETCORE_URLS, or Kestrel:Endpoints, has no certificate: set Kestrel:Certificates:Default:Path and :Password.",
        _ => null,
    };

    /// <summary>A settings file that is no JSON, or a value of the wrong type. The library's message names the file or the key.</summary>
    private static string? Settings(Exception failure) =>
        failure is OptionsValidationException or InvalidDataException || (failure is InvalidOperationException && Words(failure, "configuration"))
            ? string.Join(' ', Outage.Causes(failure).Select(cause => cause.Message))
            : null;

    private static string Unforeseen(Exception failure)
    {
        var inner = Outage.Causes(failure).Last();
        return $"{inner.GetType().Name} in {inner.TargetSite?.DeclaringType?.FullName}: {inner.Message}";
    }

    /// <summary>
    /// Whether the message holds one of the words. Whole words only: "port" is part of "portal" and "supported", and many a message ends with a link
    /// to its explanation, https://….
    /// </summary>
    private static bool Words(Exception failure, params string[] words) =>
        words.Any(word => Regex.IsMatch(
            failure.Message, $@"\b{word}s?\b(?!://)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
}
