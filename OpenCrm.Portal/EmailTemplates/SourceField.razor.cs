using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The field for the source of the HTML body or of the text body.</summary>
public sealed partial class SourceField
{
    /// <summary>
    /// Characters beyond the longest body that are still received, so that a text that is too long can be reported. Of a much longer text the page's
    /// script sends only the beginning, because the whole would end the circuit.
    /// </summary>
    private const int Room = 1_000;

    private string counted = "", numbers = "1";
    private int lines = 1;

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter, EditorRequired] public string Id { get; set; } = "";

    [Parameter, EditorRequired] public string Value { get; set; } = "";

    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    /// <summary>Whether the text is only shown, because nobody wrote it.</summary>
    [Parameter] public bool ReadOnly { get; set; }

    /// <summary>The body's name on its page, by which what is typed outlives the loss of the connection (Shell/DraftKeeper.razor.js).</summary>
    [Parameter, EditorRequired] public string Draft { get; set; } = "";

    /// <summary>Whether what is typed is not stored yet. The draft goes when it is.</summary>
    [Parameter] public bool Changed { get; set; }

    [Parameter] public IReadOnlyList<TemplateFault> Faults { get; set; } = [];

    [Parameter] public RenderFragment? ChildContent { get; set; }

    /// <summary>Shown while typing. After a refused save the list of faults says it instead.</summary>
    private bool IsTooLong => !ReadOnly && Value.Length > TemplateText.BodyLength && !Faults.Any(fault => fault is TemplateFault.TooLong);

    protected override void OnParametersSet() => Count();

    private void Count()
    {
        if (ReferenceEquals(counted, Value)) return;
        counted = Value;
        var now = Value.AsSpan().Count('\n') + 1;
        if (now == lines) return;
        lines = now;
        numbers = string.Join('\n', Enumerable.Range(1, lines).Select(line => line.ToString(CultureInfo.InvariantCulture)));
    }

    private Task ChangeAsync(string? typed)
    {
        // When a form becomes interactive, it reads the values back from the page. Mostly they are the ones that it wrote.
        var text = (typed ?? "").ReplaceLineEndings("\n");
        if (text == Value) return Task.CompletedTask;
        // Set here too: this field is rendered before the page passes the new value down. Otherwise it would write the old text into the browser, and
        // after that the shortened text that the script had sent.
        Value = text;
        Count();
        return ValueChanged.InvokeAsync(text);
    }
}
