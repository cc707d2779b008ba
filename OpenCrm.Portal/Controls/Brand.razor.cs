using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>The logo, the company and the product; a link if Href is set.</summary>
public sealed partial class Brand
{
    [CascadingParameter(Name = "Company")] public string? Company { get; set; }

    /// <summary>The company's logo; null for the portal's own mark.</summary>
    [CascadingParameter] public LogoMark? Logo { get; set; }

    [Parameter] public string? Href { get; set; }

    /// <summary>The second line; the product's name if not set.</summary>
    [Parameter] public string? Line { get; set; }

    private string Name => string.IsNullOrWhiteSpace(Company) ? Texts.Product : Company;

    private string? SecondLine => Line ?? (Name == Texts.Product ? null : Texts.Product);

    private bool IsWide => Logo is { IsWide: true };

    private string? Shape => IsWide ? "brand--wide" : null;

    private string? Ground => Logo?.Ground switch
    {
        "light" => "brand__logo--on-light",
        "dark" => "brand__logo--on-dark",
        _ => null,
    };
}
