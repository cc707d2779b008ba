using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>Shown in place of a page that the visitor may not see: the sign-in, or for somebody who is signed in the refusal, or the demand to
/// set up MFA first.</summary>
public sealed partial class SignInHere(PortalAuthenticationStateProvider person);
