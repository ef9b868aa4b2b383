using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// The socket of a connection to the broker. RabbitMQ.Client takes an end of the stream for an end only between two frames: one that
/// comes within a frame makes it read again without a pause, for ever, and the connection is never reported as lost. Here the end of the
/// stream is an exception, which the client treats as a lost connection wherever it comes.
/// </summary>
/// <param name="family">Of the addresses that it is to connect to.</param>
/// <param name="tls">Null without TLS. TLS is done here, not by the client, because a TLS connection that was closed properly ends in the same way.</param>
internal sealed class BrokerSocket(AddressFamily family, SslClientAuthenticationOptions? tls)
    : TcpClientAdapter(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
{
    private BrokerStream? _stream;

    public string? TlsHost => tls?.TargetHost;

    public override async Task ConnectAsync(IPAddress host, int port, CancellationToken cancellationToken = default)
    {
        await base.ConnectAsync(host, port, cancellationToken);
        var socket = Client ?? throw new ObjectDisposedException(nameof(BrokerSocket));
        if (tls is null)
        {
            _stream = new BrokerStream(socket, new NetworkStream(socket));
            return;
        }

        var secure = new SslStream(new NetworkStream(socket));
        try
        {
            await secure.AuthenticateAsClientAsync(tls, cancellationToken);
        }
        catch
        {
            await secure.DisposeAsync();
            Close();
            throw;
        }

        _stream = new BrokerStream(socket, secure);
    }

    public override NetworkStream GetStream() => _stream ?? throw new InvalidOperationException("The socket is not connected.");

    /// <summary>A network stream by type, because the client asks for one.</summary>
    private sealed class BrokerStream(Socket socket, Stream inner) : NetworkStream(socket)
    {
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => NotTheEnd(inner.Read(buffer), buffer.Length);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            NotTheEnd(await inner.ReadAsync(buffer, cancellationToken), buffer.Length);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private static int NotTheEnd(int count, int wanted) =>
            count > 0 || wanted == 0 ? count : throw new EndOfStreamException("The broker's side ended the connection.");
    }
}
