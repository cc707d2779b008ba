using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The newest audit events about a person, on the user record (docs/spec.md 5.2).</summary>
public sealed partial class ActivityCard(BrowserTime browser) : IDisposable
{
    [Parameter, EditorRequired] public IReadOnlyList<ActivityRow> Activity { get; set; } = [];

    /// <summary>The address of this person's audit trail; null for readers who may not open it.</summary>
    [Parameter] public string? AllEvents { get; set; }

    public void Dispose() => browser.Changed -= Refresh;

    protected override void OnInitialized() => browser.Changed += Refresh;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);

    /// <summary>The details of an event: what changed, who did it if not the person, and from which address.</summary>
    private string Particulars(ActivityRow activity) =>
        string.Join(" · ",
            new[] { AuditWording.Details(activity.Kind, activity.Details, browser.Exact), Source(activity) }.Where(part => part.Length > 0));

    private static string Source(ActivityRow activity) => activity switch
    {
        { ByPerson: true, Address: null } => "",
        { ByPerson: true } => Phrase.Of(Texts.Users_From, AddressWording.Of(activity.Address)),
        _ => AuditWording.Source(activity.By, activity.Address),
    };
}
