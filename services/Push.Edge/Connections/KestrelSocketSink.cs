using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Push.Edge.Connections;

/// <summary>
/// Writes to a socket that Kestrel owns and reads, past its output pipe. Nothing may go through that pipe besides: it would be overtaken.
/// </summary>
internal sealed class KestrelSocketSink(ConnectionContext context, Socket socket) : SocketSink(socket)
{
    public override void End() => context.Transport.Input.CancelPendingRead();

    public override void Abort() => context.Abort();
}
