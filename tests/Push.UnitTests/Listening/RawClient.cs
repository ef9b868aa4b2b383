using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Push.UnitTests.Connections;

namespace Push.UnitTests.Listening;

/// <summary>A client that writes and reads bytes, to do what a well-behaved one would not. Every wait has a deadline that names it.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly TcpClient _tcp;
    private readonly Stream _stream;

    private RawClient(TcpClient tcp, Stream stream)
    {
        _tcp = tcp;
        _stream = stream;
    }

    /// <param name="address">The server's.</param>
    /// <param name="certificate">The one that the server must show; without one the connection is not encrypted.</param>
    public static async Task<RawClient> ConnectAsync(Uri address, SelfSignedCertificate? certificate = null)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, address.Port).WaitAsync(Deadline);
        if (certificate is null)
        {
            return new RawClient(tcp, tcp.GetStream());
        }

        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown),
        }).WaitAsync(Deadline);
        return new RawClient(tcp, tls);
    }

    /// <summary>A well-formed handshake; <paramref name="fields"/> are further lines, each with its end.</summary>
    public static string Handshake(string query, string fields = "") =>
        $"GET /ws{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n";

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes).AsTask().WaitAsync(Deadline);
        await _stream.FlushAsync().WaitAsync(Deadline);
    }

    /// <summary>A response as text: its head, and its body where it has a length.</summary>
    public async Task<string> ReadResponseAsync()
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            text.Append((char)(await ReadAsync(1, "the response's head"))[0]);
        }

        const string Field = "Content-Length: ";
        var head = text.ToString();
        var at = head.IndexOf(Field, StringComparison.Ordinal);
        if (at >= 0)
        {
            var length = int.Parse(head.AsSpan(at + Field.Length, head.IndexOf('\r', at) - at - Field.Length), provider: null);
            text.Append(Encoding.UTF8.GetString(await ReadAsync(length, "the response's body")));
        }

        return text.ToString();
    }

    /// <summary>A frame, its payload a character for each byte.</summary>
    public async Task<(byte Opcode, string Payload)> ReadFrameAsync()
    {
        var start = await ReadAsync(2, "a frame");
        var length = start[1] switch { 126 => BigEndian(await ReadAsync(2, "a length")), 127 => BigEndian(await ReadAsync(8, "a length")), var small => small };
        return ((byte)(start[0] & 0xF), Encoding.Latin1.GetString(await ReadAsync((int)length, "a payload")));
    }

    /// <summary>The code of the close frame that must come next, a ping aside.</summary>
    public async Task<int> ReadCloseAsync()
    {
        var (opcode, payload) = await ReadFrameAsync();
        while (opcode == ClientFrameBytes.Ping)
        {
            (opcode, payload) = await ReadFrameAsync();
        }

        return opcode == ClientFrameBytes.Close ? (payload[0] << 8) | payload[1] : throw new InvalidDataException($"opcode {opcode} instead of a close frame");
    }

    /// <summary>Whatever comes before the end of the stream.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var rest = new MemoryStream();
        await Waiting(_stream.CopyToAsync(rest), "the end of the connection");
        return rest.ToArray();
    }

    /// <summary>Ends its side without a close frame, and waits until the server has ended its own: by then it has forgotten the connection.</summary>
    public async Task LeaveAsync()
    {
        EndSending();
        await ReadToEndAsync();
    }

    /// <summary>So many bytes, whatever they are.</summary>
    public Task<byte[]> ReadRawAsync(int count) => ReadAsync(count, $"{count} bytes");

    /// <summary>Ends its side: the server may still send.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection.</summary>
    public void Reset() => _tcp.Client.Close(timeout: 0);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static long BigEndian(byte[] bytes) => bytes.Aggregate(0L, (value, next) => (value << 8) | next);

    private async Task<byte[]> ReadAsync(int count, string what)
    {
        var bytes = new byte[count];
        await Waiting(_stream.ReadExactlyAsync(bytes).AsTask(), what);
        return bytes;
    }

    private static async Task Waiting(Task reading, string what)
    {
        try
        {
            await reading.WaitAsync(Deadline);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Waited {Deadline} for {what}.", e);
        }
    }
}
