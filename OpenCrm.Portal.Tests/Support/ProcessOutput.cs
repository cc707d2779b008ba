using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>What a running process has printed so far, line by line, from both streams.</summary>
public sealed class ProcessOutput
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public void ReadFrom(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public void Clear()
    {
        lock (_gate)
            _lines.Clear();
    }

    /// <summary>Waits for a line that matches, and returns the first group of the newest one.</summary>
    public Task<string> WaitForAsync(Regex pattern, TimeSpan? patience = null) =>
        Eventually.FoundAsync(
            () => Task.FromResult(Lines.Reverse().Select(line => pattern.Match(line)).FirstOrDefault(m => m.Success)?.Groups[1].Value),
            $"a line like {pattern}",
            patience);

    public override string ToString() => string.Join('\n', Lines);

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
            _lines.Add(line);
    }
}
