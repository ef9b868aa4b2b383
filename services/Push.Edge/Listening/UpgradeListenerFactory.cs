using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Push.Edge.Listening;

/// <summary>Makes Kestrel listen on TCP ports through <see cref="UpgradeListener"/>.</summary>
internal sealed class UpgradeListenerFactory(
    SocketUpgrade upgrade,
    IMemoryPoolFactory<byte> memory,
    IOptions<SocketTransportOptions> options,
    ILogger<UpgradeListener> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = options.Value;
        Socket? socket = null;
        try
        {
            socket = transport.CreateBoundListenSocket(endpoint);
            socket.Listen(transport.Backlog);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new AddressInUseException(e.Message, e);
            }

            // As the server's own factory does: where there is no IPv6, the server then goes on with IPv4 alone.
            throw;
        }

        var server = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
        return ValueTask.FromResult<IConnectionListener>(new UpgradeListener(socket, upgrade, server, memory.Create(), logger));
    }
}
