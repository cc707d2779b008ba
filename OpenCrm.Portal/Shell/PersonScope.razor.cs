using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Holds what belongs to the current person: the key of everything rendered below, the language, what is shown of the company, and signing out.
/// </summary>
public sealed partial class PersonScope(
    CompanyBrand companyBrand,
    BrandChange brandChange,
    SignOut signingOut,
    PortalAuthenticationStateProvider person,
    Announcer announcer,
    NavigationManager navigation,
    ReaderCulture reader,
    IJSRuntime script,
    ILogger<PersonScope> log) : IDisposable
{
    private string? session, language, draftOwner, path, pageAccent;
    private ShownBrand? brand;
    private EventCallback signOut;
    private bool leaving, movedWhileIdle;
    private int generation;

    /// <summary>The company's colour in the page's head, which a later one has to replace.</summary>
    [Parameter] public string? PageAccent { get; set; }

    [Parameter, EditorRequired] public RenderFragment ChildContent { get; set; } = null!;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override void OnInitialized()
    {
        signOut = EventCallback.Factory.Create(this, SignOutAsync);
        path = new Uri(navigation.Uri).AbsolutePath;
        navigation.LocationChanged += OnLocationChanged;
        person.IdleChanged += OnIdleChanged;
        reader.Changed += OnLanguageChanged;
        brandChange.Changed += OnBrandChanged;
        pageAccent = PageAccent;
    }

    /// <summary>
    /// Everything below is rendered in the reader's culture, also after a notice that came from outside the circuit. Not in an asynchronous method:
    /// its culture ends with it.
    /// </summary>
    public override Task SetParametersAsync(ParameterView parameters)
    {
        reader.Apply();
        return base.SetParametersAsync(parameters);
    }

    public void Dispose()
    {
        navigation.LocationChanged -= OnLocationChanged;
        person.IdleChanged -= OnIdleChanged;
        reader.Changed -= OnLanguageChanged;
        brandChange.Changed -= OnBrandChanged;
    }

    protected override async Task OnParametersSetAsync()
    {
        var user = (await Authentication).User;
        session = user.FindFirst(PortalClaims.SessionId)?.Value;
        draftOwner = OwnerOf(session ?? user.FindFirst(PortalClaims.IdleSessionId)?.Value);
        language = reader.Language.Name;
        brand = await ReadBrandAsync();
    }

    /// <summary>
    /// Tells the browser the language of the page, by which screen readers and the next page load go, and a colour that is no longer the head's.
    /// </summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Asking who it is registers the circuit for the end of its session. The framework hands the answer to components by itself, so the circuit
        // of a page that never asks would hear of nothing. Only now that the browser has the page: one that left before would stay registered.
        if (firstRender) await person.GetAuthenticationStateAsync();
        var (language, colour) = (reader.MustTell(), brand is not null && brand.Accent != pageAccent);
        if (!language && !colour) return;
        pageAccent = colour ? brand!.Accent : pageAccent;
        if (await script.ImportAsync("./Shell/PersonScope.razor.js") is not { } module) return;
        if (colour) await module.CallAsync("setAccent", BrandPalette.Css(pageAccent));
        if (language) await module.CallAsync("setLanguage", reader.Language.Name, reader.Choice);
        await module.DisposeAsync();
    }

    /// <summary>Creates the page again, in the new language and without a page load.</summary>
    private void OnLanguageChanged() => _ = InvokeAsync(async () =>
    {
        // After the event that changed it: its rendering would still be in the language of before.
        await Task.Yield();
        reader.Apply();
        language = reader.Language.Name;
        StateHasChanged();
    });

    /// <summary>
    /// A name for the session that says nothing about its row. Also of an idle one, whose drafts wait until the same person has signed in again;
    /// empty for nobody.
    /// </summary>
    private static string OwnerOf(string? session) =>
        session is null ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"drafts of {session}")).AsSpan(0, 16));

    /// <summary>
    /// Reads the company's name, logo and colour. In a circuit a failure keeps those of before: nothing above this component catches it, and the
    /// whole page would end for the lack of a decoration. A page that is only being loaded fails as a whole, and says why.
    /// </summary>
    private async Task<ShownBrand?> ReadBrandAsync()
    {
        try
        {
            return await companyBrand.ReadAsync();
        }
        catch (Exception broken) when (RendererInfo.IsInteractive)
        {
            LogNoBrand(log, broken);
            return brand;
        }
    }

    /// <summary>Reads the company's name, logo and colour again, because set-up or an administrator may have changed them.</summary>
    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(async () =>
    {
        movedWhileIdle |= person.Idle is not null;
        // A language chosen in another tab is taken up with the next page. A search or a jump on this one would be rendered anew under the
        // typist's hands.
        var before = path;
        path = new Uri(change.Location).AbsolutePath;
        if (path != before) reader.TakeUp();
        reader.Apply();
        var (left, read) = (leaving, await ReadBrandAsync());
        if (!left && read == brand) return;
        (leaving, brand) = (false, read);
        StateHasChanged();
    });

    private void OnBrandChanged() => _ = InvokeAsync(async () =>
    {
        var read = await ReadBrandAsync();
        if (read == brand) return;
        reader.Apply();
        brand = read;
        StateHasChanged();
    });

    /// <summary>
    /// A page that was reached behind the dialog, by the browser's own buttons, was refused its data. It is created again when the session goes on.
    /// </summary>
    private void OnIdleChanged() => _ = InvokeAsync(() =>
    {
        if (person.Idle is not null || !movedWhileIdle) return;
        movedWhileIdle = false;
        generation++;
        StateHasChanged();
    });

    private async Task SignOutAsync()
    {
        // Nothing is rendered until the sign-in page is there: the page left behind would show a form of its own for a moment, and lose what is typed
        // into it.
        leaving = true;
        StateHasChanged();
        try
        {
            await signingOut.SignOutAsync();
            reader.Apply();
            navigation.NavigateTo(PortalUrls.SignIn);
        }
        catch (Exception broken)
        {
            // Nothing above catches this, and the circuit would end. The page is rendered again, and its own status region announces the failure.
            LogNotSignedOut(log, broken);
            leaving = false;
            announcer.AnnounceAt(new Uri(navigation.Uri).AbsolutePath, Texts.Shell_NotSignedOut);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The company's name, logo and colour could not be read; pages show those of before")]
    private static partial void LogNoBrand(ILogger log, Exception broken);

    [LoggerMessage(LogLevel.Error, "Somebody could not be signed out")]
    private static partial void LogNotSignedOut(ILogger log, Exception broken);
}
