using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>A person's authenticators on the user record (docs/spec.md 11.4).</summary>
public sealed partial class AuthenticatorList(BrowserTime browser)
{
    private static string NameId(AuthenticatorRow one) => $"authenticator-{one.Id:N}";
}
