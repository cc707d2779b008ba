using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>A button that turns a filter on, with how many rows it would show.</summary>
public sealed partial class FilterChip
{
    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>How many rows the chip would show; null until they are counted.</summary>
    [Parameter] public CappedCount? Count { get; set; }

    [Parameter] public bool Pressed { get; set; }

    [Parameter] public EventCallback OnPressed { get; set; }

    internal static string Number(CappedCount count) =>
        count.IsMore ? Texts.Controls_CountMany : count.Value.ToString("N0", CultureInfo.CurrentCulture);
}
