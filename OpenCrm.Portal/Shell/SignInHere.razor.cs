using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>Shown in place of a page that the visitor may not see: the sign-in, or the refusal for somebody who is signed in.</summary>
public sealed partial class SignInHere(PortalAuthenticationStateProvider person);
