using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Push.Edge.Connections;

/// <summary>Writes to the socket itself, past the server's output pipe: one system call a send, no copy, nothing allocated.</summary>
/// <remarks>The socket must be non-blocking. Nobody else may write to it: bytes that went through the output pipe would be overtaken.</remarks>
internal sealed class SocketSink(ConnectionContext context) : IConnectionSink
{
    private readonly Socket _socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        try
        {
            taken = _socket.Send(bytes, SocketFlags.None, out var error);
            return error is SocketError.Success or SocketError.WouldBlock;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void End() => context.Transport.Input.CancelPendingRead();

    public void Abort() => context.Abort();
}
