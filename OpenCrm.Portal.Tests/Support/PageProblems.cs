using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Console errors, uncaught exceptions and violations of the Content-Security-Policy.</summary>
public sealed class PageProblems
{
    private const string Binding = "reportPolicyViolation";

    /// <summary>
    /// Firefox closes the socket of a page that is being left before the page hears of it. What Blazor sends at that moment is refused with these
    /// words, by the socket or, once SignalR knows that it is closed, by the connection, and nobody awaits it. A socket that is lost while the page
    /// stays is noticed otherwise: the circuit is down.
    /// </summary>
    private static readonly string[] SentWhileLeaving =
        ["WebSocket is not in the OPEN state", "Cannot send data if the connection is not in the 'Connected' State"];

    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentQueue<string> _errors = new();

    internal PageProblems(IPage page)
    {
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _errors.Enqueue($"{message.Text} ({message.Location})");
            // Violations that happen before any script of ours can listen appear only as console messages; the event reports the others.
            if (message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase))
                _violations.Enqueue(message.Text);
            const string reported = $"{Binding}: ";
            if (message.Type == "debug" && message.Text.StartsWith(reported, StringComparison.Ordinal))
                _violations.Enqueue(message.Text[reported.Length..]);
        };
        page.PageError += (_, error) =>
        {
            if (!SentWhileLeaving.Any(words => error.Contains(words, StringComparison.Ordinal))) _errors.Enqueue(error);
        };
    }

    public IReadOnlyCollection<string> PolicyViolations => [.. _violations];

    public IReadOnlyCollection<string> Errors => [.. _errors];

    /// <summary>Forgets all problems; called before a part of a test that breaks something on purpose, and after it.</summary>
    public void Clear()
    {
        _violations.Clear();
        _errors.Clear();
    }

    public void AssertNone()
    {
        Assert.True(_violations.IsEmpty, $"Policy violations:\n{string.Join('\n', _violations)}");
        Assert.True(_errors.IsEmpty, $"Errors:\n{string.Join('\n', _errors)}");
    }

    public override string ToString() => string.Join('\n', _errors.Concat(_violations));

    internal static Task ReportViolationsAsync(IBrowserContext context) =>
        context.AddInitScriptAsync(
            $$"""
            document.addEventListener('securitypolicyviolation', e =>
                console.debug(`{{Binding}}: ${e.effectiveDirective} blocked ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`));
            """);
}
