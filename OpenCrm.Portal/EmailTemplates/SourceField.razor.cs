using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The HTML body or the text body.</summary>
public sealed partial class SourceField
{
    /// <summary>What is longer than a body may be is still received, so that it is told; of what is much longer the page's script tells no more, because it would end the circuit.</summary>
    private const int Room = 1_000;

    private string counted = "", numbers = "1";
    private int lines = 1;

    [Parameter, EditorRequired] public string Label { get; set; } = "";

    [Parameter, EditorRequired] public string Id { get; set; } = "";

    [Parameter, EditorRequired] public string Value { get; set; } = "";

    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    [Parameter] public IReadOnlyList<TemplateFault> Faults { get; set; } = [];

    [Parameter] public RenderFragment? ChildContent { get; set; }

    /// <summary>Told while it is typed; a save that was refused for it tells it among its faults.</summary>
    private bool IsTooLong => Value.Length > TemplateText.BodyLength && !Faults.Any(fault => fault is TemplateFault.TooLong);

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
        // The values that a waking form reads from the page are mostly those that it wrote.
        var text = (typed ?? "").ReplaceLineEndings("\n");
        if (text == Value) return Task.CompletedTask;
        // Here as well: this field is drawn before the page hands it the new value, and would put the old one back into the browser, and then the part that was told.
        Value = text;
        Count();
        return ValueChanged.InvokeAsync(text);
    }
}
