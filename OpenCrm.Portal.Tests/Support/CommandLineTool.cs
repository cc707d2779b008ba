using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

public sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public string OutputOrThrow(string what) =>
        ExitCode == 0 ? Output : throw new InvalidOperationException($"{what}: exit status {ExitCode}\n{Output}\n{Errors}");
}

/// <summary>Runs another program to its end.</summary>
public static class CommandLineTool
{
    public static Task<ToolResult> RunAsync(string file, IEnumerable<string> arguments, string? input = null, TimeSpan? patience = null) =>
        RunAsync(new ProcessStartInfo(file, arguments), input, patience);

    public static async Task<ToolResult> RunAsync(ProcessStartInfo start, string? input = null, TimeSpan? patience = null)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await WriteInputAsync(process, input);
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end");
        }
    }

    // A program that reads no input may have ended before the input is written.
    private static async Task WriteInputAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }
}
