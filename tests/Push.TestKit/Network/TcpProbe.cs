using System.Net.Sockets;

namespace Push.TestKit.Network;

/// <summary>Whether a server speaks its protocol: an open port alone proves nothing, a container engine's proxy opens it early.</summary>
internal static class TcpProbe
{
    /// <summary>RFC-style protocol header of AMQP 0-9-1; a broker answers it with <c>Connection.Start</c>.</summary>
    public static ReadOnlyMemory<byte> Amqp { get; } = "AMQP\0\0\u0009\u0001"u8.ToArray();

    /// <summary>Answered with <c>+PONG</c>, or with an error where the store asks for a password: it lives in either case.</summary>
    public static ReadOnlyMemory<byte> Redis { get; } = "PING\r\n"u8.ToArray();

    public static async Task<bool> AnswersAsync(ServerAddress address, ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, patience.Token);
            await socket.SendAsync(question, patience.Token);
            return await socket.ReceiveAsync(new byte[1], patience.Token) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
