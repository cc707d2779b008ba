using Microsoft.JSInterop;

namespace OpenCrm.Portal;

/// <summary>
/// Recognizes the exceptions of a call to a browser whose page has gone: closed, reloaded, or silent for longer than the call waits. Nobody is left
/// to inform and nothing is left to do. Unhandled, such an exception would be logged as a failure of the circuit and end it.
/// </summary>
internal static class PageGone
{
    /// <summary>
    /// Whether this exception means that the page has gone: the call was refused, was cancelled while it waited, or used an object that was disposed
    /// meanwhile.
    /// </summary>
    public static bool Says(Exception failed) => failed is JSDisconnectedException or OperationCanceledException or ObjectDisposedException;
}
