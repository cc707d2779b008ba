using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The card Details of a user record.</summary>
public sealed partial class DetailsCard(BrowserTime browser);
