using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Push.LoadTest.Publishing;

/// <summary>NATS' client protocol over TCP, as far as publishing goes. Nothing confirms a message.</summary>
internal sealed class NatsPublisher : IPublisher
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private byte[] _buffer = new byte[4096];
    private Task _answering = Task.CompletedTask;

    private NatsPublisher()
    {
    }

    public static async Task<NatsPublisher> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var publisher = new NatsPublisher();
        await publisher._socket.ConnectAsync(server, cancellationToken);
        await publisher._socket.SendAsync("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"u8.ToArray(), cancellationToken);
        publisher._answering = publisher.AnswerAsync();
        return publisher;
    }

    public ValueTask<string?> PublishAsync(string? room, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        lock (_sending)
        {
            var needed = payload.Length + 128;
            if (_buffer.Length < needed)
            {
                _buffer = new byte[needed];
            }

            var length = Encoding.ASCII.GetBytes($"PUB {room} {payload.Length}\r\n", _buffer);
            payload.Span.CopyTo(_buffer.AsSpan(length));
            length += payload.Length;
            "\r\n"u8.CopyTo(_buffer.AsSpan(length));
            _socket.Send(_buffer.AsSpan(0, length + 2));
        }

        return ValueTask.FromResult<string?>(null);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync()
    {
        var received = new byte[4096];
        int count;
        while ((count = await _socket.ReceiveAsync(received)) > 0)
        {
            if (received.AsSpan(0, count).IndexOf("PING"u8) >= 0)
            {
                lock (_sending)
                {
                    _socket.Send("PONG\r\n"u8);
                }
            }
        }
    }
}
