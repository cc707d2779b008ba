using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>How well the own account is protected, and the next useful step.</summary>
public sealed partial class SecurityStateCard(BrowserTime browser);
