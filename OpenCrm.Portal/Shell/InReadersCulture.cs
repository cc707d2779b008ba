using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Gives what is rendered after it the reader's culture. The event that signs somebody in or out keeps the culture in which it began, and goes on to
/// another page: without this the first page of a German would be in the language of the sign-in before.
/// </summary>
public sealed class InReadersCulture(ReaderCulture reader) : ComponentBase
{
    /// <summary>The page that follows. A new one for each navigation, so that this is asked each time.</summary>
    [Parameter, EditorRequired] public Microsoft.AspNetCore.Components.RouteData? Page { get; set; }

    // Not in an asynchronous method: its culture ends with it.
    public override Task SetParametersAsync(ParameterView parameters)
    {
        reader.Apply();
        return base.SetParametersAsync(parameters);
    }
}
