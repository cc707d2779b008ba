using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Setup;

/// <summary>The first-run page: company and first system administrator, for anybody who has the code from the console (docs/spec.md 8.1).</summary>
public sealed partial class SetupPage(PortalSetUp setUp, ClientConnection connection, NavigationManager navigation)
{
    private string? code, company, publicUrl, username, email, password, confirm;
    private string? problem;
    private bool done;
    private Errors errors = new();

    protected override async Task OnInitializedAsync()
    {
        done = await setUp.IsDoneAsync();
        publicUrl = setUp.ConfiguredAddress ?? navigation.BaseUri.TrimEnd('/');
    }

    private async Task SubmitAsync()
    {
        problem = null;
        errors = new();
        if (password != confirm)
        {
            errors = errors with { Confirm = Texts.Setup_ConfirmDiffers };
            return;
        }
        var outcome = await setUp.SetUpWithCodeAsync(code ?? "", new(
            (company ?? "").Trim(),
            setUp.ConfiguredAddress is null ? (publicUrl ?? "").Trim() : null,
            (username ?? "").Trim(),
            (email ?? "").Trim(),
            password ?? ""), connection.Address);
        switch (outcome)
        {
            case SetUpOutcome.Done:
                // The one case that loads the page again: the cookies get another name, so this browser's old one would no longer be read, and nobody
                // could sign in here.
                navigation.NavigateTo(PortalUrls.SignIn, new NavigationOptions { ForceLoad = CookiesChange });
                break;
            case SetUpOutcome.DoneAlready:
                done = true;
                break;
            case SetUpOutcome.WrongCode:
                errors = errors with { Code = Texts.Setup_WrongCode };
                break;
            case SetUpOutcome.TooManyTries:
                problem = Texts.Setup_TooManyTries;
                break;
            case SetUpOutcome.Invalid invalid:
                errors = new(
                    Company: invalid.CompanyName ? Words(company, Texts.Setup_CompanyNameInvalid) : null,
                    PublicUrl: invalid.PublicUrl ? Words(publicUrl, Texts.Setup_PublicAddressInvalid) : null,
                    Username: invalid.User.Contains(UserFault.UsernameMixed) ? Texts.Users_UsernameMixed
                        : invalid.User.Any(f => NewUsers.IsOfUsername(f) || f is UserFault.NameInvalid or UserFault.NameUnreadable)
                            ? Words(username, Texts.Setup_UsernameInvalid)
                            : null,
                    Email: invalid.User.Any(NewUsers.IsOfEmail) ? Words(email, Texts.Setup_EmailInvalid) : null,
                    Password: PasswordWording.Describe(invalid.Password));
                break;
        }
    }

    /// <summary>
    /// Whether the cookies change with the public address: until now it was this machine's own, with cookies without prefix and Secure.
    /// </summary>
    private bool CookiesChange =>
        setUp.ConfiguredAddress is null && publicUrl?.Trim().StartsWith("http:", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>Invisible characters have a text of their own, because the field looks right.</summary>
    private static string Words(string? typed, string otherwise) => IncomingText.IsName((typed ?? "").Trim()) ? otherwise : Texts.Text_Unreadable;

    private sealed record Errors(
        string? Code = null, string? Company = null, string? PublicUrl = null, string? Username = null,
        string? Email = null, string? Password = null, string? Confirm = null);
}
