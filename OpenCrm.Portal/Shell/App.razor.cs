using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace OpenCrm.Portal.Shell;

/// <summary>The document around the circuit: head, scripts and the root component.</summary>
public sealed partial class App(ThemeChoice theme, CompanyBrand brand)
{
    private static readonly InteractiveServerRenderMode Interactive = new();
    private ShownBrand? shown;
    private string accent = "";

    /// <summary>Reads first and renders then, so that the page is drawn once, and its first paint has the company's colour.</summary>
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        shown = await brand.ReadForPageAsync();
        accent = BrandPalette.Css(shown.Accent);
        await base.SetParametersAsync(parameters);
    }
}
