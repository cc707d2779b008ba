using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The card Sessions of a user record.</summary>
public sealed partial class SessionsCard(BrowserTime browser);
