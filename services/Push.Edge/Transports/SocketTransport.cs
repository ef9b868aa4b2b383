using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Push.Edge.Transports;

/// <summary>Writes to the socket itself: one system call a send, no copy, nothing allocated.</summary>
/// <remarks>The socket must be non-blocking, and nobody else may write to it.</remarks>
internal class SocketTransport(Socket socket) : IConnectionTransport
{
    private readonly SafeSocketHandle _handle = socket.SafeHandle;

    public int Prefetch() => (socket.Connected ? 1 : 0) + (_handle.IsClosed ? 1 : 0);

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        try
        {
            taken = socket.Send(bytes, SocketFlags.None, out var error);
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
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    // Wakes the reader, which disposes the socket once the connection is out of the registry: only then does the peer see the end.
    // The lock keeps it from that until the call is over: a socket that is disposed while it is in use is reset by the runtime.
    public virtual void End()
    {
        lock (socket)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Receive);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }

            if (OperatingSystem.IsWindows())
            {
                // There a pending receive does not notice.
                socket.Dispose();
            }
        }
    }

    // Without lingering: the peer gets a reset, the kernel forgets what it holds.
    public virtual void Abort() => socket.Close(timeout: 0);
}

/// <summary>
/// Writes to a socket that Kestrel owns and reads, past its output pipe. Nothing may go through that pipe besides: it would be overtaken.
/// </summary>
internal sealed class KestrelSocketTransport(ConnectionContext context, Socket socket) : SocketTransport(socket)
{
    public override void End() => context.Transport.Input.CancelPendingRead();

    public override void Abort() => context.Abort();
}
