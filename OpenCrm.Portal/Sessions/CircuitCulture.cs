using Microsoft.AspNetCore.Components.Server.Circuits;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Runs every event of a circuit in its reader's culture. Without it an event had the culture of the request that opened the connection, also after
/// somebody with another language signed in.
/// </summary>
internal sealed class CircuitCulture : CircuitHandler
{
    private readonly ReaderCulture _reader;

    // Started here, while the connection opens: the framework says only afterwards who is signed in.
    public CircuitCulture(ReaderCulture reader, ClientConnection connection)
    {
        _reader = reader;
        reader.Start(connection.AcceptLanguage, connection.Language);
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) =>
        activity =>
        {
            _reader.Apply();
            return next(activity);
        };
}
