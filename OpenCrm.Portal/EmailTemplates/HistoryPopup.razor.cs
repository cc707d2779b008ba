using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The versions of a template, newest first, each with a button that restores it.</summary>
public sealed partial class HistoryPopup(BrowserTime browser);
