using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The newest events about a person, on the user record (spec 5.2, 9.2).</summary>
public sealed partial class ActivityCard : IDisposable
{
    [Parameter, EditorRequired] public IReadOnlyList<ActivityRow> Activity { get; set; } = [];

    /// <summary>The audit trail of this person, for whoever may read it.</summary>
    [Parameter] public string? AllEvents { get; set; }

    [Inject] private BrowserTime Browser { get; set; } = null!;

    public void Dispose() => Browser.Changed -= Refresh;

    protected override void OnInitialized() => Browser.Changed += Refresh;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);

    /// <summary>What happened in particular, by whom if not by the person, and from where.</summary>
    private string Particulars(ActivityRow activity) =>
        string.Join(" · ", new[] { AuditWording.Details(activity.Kind, activity.Details, Browser.Exact), Source(activity) }.Where(part => part.Length > 0));

    private static string Source(ActivityRow activity) => activity switch
    {
        { ByPerson: true, Address: null } => "",
        { ByPerson: true } => Phrase.Of(Texts.Users_From, activity.Address),
        { Address: null } => activity.By,
        { By: AuditTrail.NotSignedIn } => Phrase.Of(Texts.Users_NotSignedInFrom, activity.Address),
        _ => Phrase.Of(Texts.Users_ByFrom, activity.By, activity.Address),
    };
}
