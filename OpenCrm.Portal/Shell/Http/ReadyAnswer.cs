using System.Net.Mime;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// What probes read: the state of each check and its figures, counts and ages only. Anybody may ask, so neither a description nor an exception gets out, nor anything of a person.
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
