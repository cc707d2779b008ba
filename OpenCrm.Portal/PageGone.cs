using Microsoft.JSInterop;

namespace OpenCrm.Portal;

/// <summary>
/// What a call to the browser meets when the page behind the circuit has gone: closed, loaded again, or silent for longer than a call waits. There is nobody left to tell and
/// nothing left to do, so it is no failure of the circuit, which would be logged as one and end it.
/// </summary>
internal static class PageGone
{
    /// <summary>Whether this is how a call to the browser ends then: refused, called off while it waited for its answer, or made by what was disposed meanwhile.</summary>
    public static bool Says(Exception failed) => failed is JSDisconnectedException or OperationCanceledException or ObjectDisposedException;
}
