using System.Net.Mime;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Writes the answer to health probes: the state of each check and its figures, which are counts and ages only. Anybody may ask, so it holds no
/// description, no exception and nothing about a person.
/// </summary>
internal static class ReadyAnswer
{
    internal static Task WriteAsync(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = MediaTypeNames.Application.Json;
        var answer = new
        {
            Status = report.Status.ToString(),
            Checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { Status = entry.Value.Status.ToString(), entry.Value.Data }),
        };
        return http.Response.WriteAsync(JsonSerializer.Serialize(answer, JsonSerializerOptions.Web), http.RequestAborted);
    }
}
