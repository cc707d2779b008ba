using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The card Multi-Factor Authentication of a user record.</summary>
public sealed partial class MfaCard(BrowserTime browser);
