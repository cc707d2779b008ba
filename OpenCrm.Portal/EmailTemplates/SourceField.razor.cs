using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The field for the source of the HTML body or of the text body.</summary>
public sealed partial class SourceField(IJSRuntime script) : IAsyncDisposable
{
    /// <summary>
    /// Characters beyond the longest body that are still received, so that a text that is too long can be reported. Of a much longer text the page's
    /// script sends only the beginning, because the whole would end the circuit.
    /// </summary>
    private const int Room = 1_000;

    private string counted = "", numbers = "1";
    private int lines = 1;
    private ElementReference area;
    private PageModule? module;

    /// <summary>
    /// The text of the first rendering, which never changes. What is typed is not rendered back: a rendering that is one key late would take that key
    /// away. A text that comes from the server is written by the script.
    /// </summary>
    private string first = "";

    /// <summary>The text that the browser has, and has colored.</summary>
    private string? colored;

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

    /// <summary>Whether an action was refused because of the faults.</summary>
    [Parameter] public bool Refused { get; set; }

    /// <summary>Whether the source is HTML: it is colored as such, and pieces of it can be inserted.</summary>
    [Parameter] public bool IsHtml { get; set; }

    /// <summary>What is offered after <c>{{</c>.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<MergeField> Fields { get; set; } = [];

    [Parameter] public RenderFragment? ChildContent { get; set; }

    /// <summary>Shown while typing. After a refused save the list of faults says it instead.</summary>
    private bool IsTooLong => !ReadOnly && Value.Length > TemplateText.BodyLength && !Faults.Any(fault => fault is TemplateFault.TooLong);

    /// <summary>Where an inserted button leads: to what the mail is about, or else to the portal.</summary>
    private string LinkField => Fields.FirstOrDefault(offered => offered.Kind == MergeFieldKind.Link)?.Name ?? TemplateDefinition.PortalUrl;

    /// <summary>The lines with faults, each with the line breaks before it that come after the one before.</summary>
    private IEnumerable<(string Before, int Line)> Marks
    {
        get
        {
            var above = 0;
            foreach (var line in Faults.Select(fault => fault.At?.Line ?? 0).Where(line => line > 0 && line <= lines).Distinct().Order())
            {
                // A mark is a block and so ends its own line.
                yield return (new string('\n', line - above - 1), line);
                above = line;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (module is not null) await module.DisposeAsync();
    }

    protected override void OnInitialized() => first = Value;

    protected override void OnParametersSet() => Count();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            colored ??= first;
            module = await script.ImportAsync("./EmailTemplates/SourceField.razor.js");
            if (module is null) return;
            await module.CallAsync("start", area);
        }
        if (module is null || ReferenceEquals(colored, Value) || colored == Value) return;
        colored = Value;
        await module.CallAsync("paint", area, Value);
    }

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
        // Set here too, because this field is rendered before the page passes the new value down.
        Value = colored = text;
        Count();
        return ValueChanged.InvokeAsync(text);
    }
}
