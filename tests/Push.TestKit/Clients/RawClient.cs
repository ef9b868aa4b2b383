using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Push.TestKit.Network;

namespace Push.TestKit.Clients;

/// <summary>A TCP connection that sends what no well-behaved client sends. Every wait has a deadline that names it.</summary>
public sealed class RawClient : IAsyncDisposable, IDisposable
{
    private const string LineEnd = "\r\n";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly Stream _stream;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <param name="server">TLS where its scheme says so, or a certificate is given.</param>
    /// <param name="certificate">The one that the server must show; without one, any that is good but for its issuer.</param>
    public static async Task<RawClient> ConnectAsync(Uri server, SelfSignedCertificate? certificate = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port).WithinAsync(Limit, $"a connection to {server}");
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (certificate is not null || server.Scheme is "wss" or "https")
            {
                stream = await SecureAsync(stream, server, certificate).WithinAsync(Limit, $"TLS with {server}");
            }

            return new RawClient(socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A WebSocket that is open, in the hands of the test.</summary>
    public static async Task<RawClient> UpgradeAsync(Uri edge, string token)
    {
        ArgumentNullException.ThrowIfNull(edge);
        var client = await ConnectAsync(edge);
        var answer = await client.RequestAsync(HandshakeOf($"{edge.AbsolutePath}?token={token}", edge.Authority));
        return answer.Status == 101 ? client : throw new InvalidOperationException($"not upgraded: {answer}");
    }

    /// <summary>What a handshake that is to be refused is answered with.</summary>
    public static async Task<Answer> HandshakeAsync(Uri edge, string pathAndQuery)
    {
        ArgumentNullException.ThrowIfNull(edge);
        using var client = await ConnectAsync(edge);
        return await client.RequestAsync(HandshakeOf(pathAndQuery, edge.Authority));
    }

    /// <summary>A well-formed handshake; <paramref name="fields"/> are further lines, each with its end.</summary>
    public static string Handshake(string query, string fields = "", string host = "localhost") => HandshakeOf($"/ws{query}", host, fields);

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes).AsTask().WithinAsync(Limit, "room to send");
        await _stream.FlushAsync().WithinAsync(Limit, "room to send");
    }

    /// <summary>Sends a whole request and reads the whole answer.</summary>
    public async Task<Answer> RequestAsync(string request)
    {
        await SendAsync(Encoding.Latin1.GetBytes(request));
        var (head, body) = await ReadPartsAsync();
        return new Answer(int.Parse(head.Split(' ', 3)[1], CultureInfo.InvariantCulture), body);
    }

    /// <summary>A response as text: its head, and its body where it has one.</summary>
    public async Task<string> ReadResponseAsync()
    {
        var (head, body) = await ReadPartsAsync();
        return head + body;
    }

    /// <summary>A line without its end, where what is spoken is lines.</summary>
    public async Task<string> ReadLineAsync() => (await ReadUntilAsync("\n", "a line")).TrimEnd('\r', '\n');

    public Task<ReceivedFrame> ReadFrameAsync() => ReceivedFrame.ReadAsync(_stream, CancellationToken.None).WithinAsync(Limit, "a frame");

    /// <summary>The code of the close frame that must come next, a ping aside.</summary>
    public async Task<int> ReadCloseAsync()
    {
        var frame = await ReadFrameAsync();
        while (frame.Opcode == ClientFrames.Ping)
        {
            frame = await ReadFrameAsync();
        }

        return frame.CloseCode ?? throw new InvalidDataException($"opcode {frame.Opcode} instead of a close frame");
    }

    /// <summary>Skips what comes before the close frame; null where the connection ends without one.</summary>
    public async Task<ReceivedFrame?> SkipToCloseAsync()
    {
        try
        {
            while (true)
            {
                var frame = await ReadFrameAsync();
                if (frame.IsClose)
                {
                    return frame;
                }
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whatever comes before the end of the stream.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var rest = new MemoryStream();
        await _stream.CopyToAsync(rest).WithinAsync(Limit, "the end of the connection");
        return rest.ToArray();
    }

    /// <summary>So many bytes, whatever they are.</summary>
    public Task<byte[]> ReadRawAsync(int count) => ReadAsync(count, $"{count} bytes");

    /// <summary>Ends its side without a close frame, and waits until the server has ended its own: by then it has forgotten the connection.</summary>
    public async Task LeaveAsync()
    {
        EndSending();
        await ReadToEndAsync();
    }

    /// <summary>Ends its side: the server may still send.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection.</summary>
    public void Reset() => _socket.Close(timeout: 0);

    public void Dispose() => _stream.Dispose();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Stream> SecureAsync(Stream plain, Uri server, SelfSignedCertificate? certificate)
    {
        var secure = new SslStream(plain);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = certificate is null ? server.Host : "localhost",
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                certificate?.IsThis(shown) ?? errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors,
        };
        await secure.AuthenticateAsClientAsync(options);
        return secure;
    }

    private async Task<(string Head, string Body)> ReadPartsAsync()
    {
        var head = await ReadUntilAsync(LineEnd + LineEnd, "the answer's head");
        if (Header(head, "Content-Length") is { } length)
        {
            return (head, Encoding.UTF8.GetString(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture), "the answer's body")));
        }

        var body = new StringBuilder();
        if (Header(head, "Transfer-Encoding") is "chunked")
        {
            for (var size = await ReadChunkSizeAsync(); size > 0; size = await ReadChunkSizeAsync())
            {
                body.Append(Encoding.UTF8.GetString(await ReadAsync(size, "a chunk")));
                await ReadUntilAsync(LineEnd, "the end of a chunk");
            }
        }

        return (head, body.ToString());
    }

    private async Task<int> ReadChunkSizeAsync() =>
        int.Parse((await ReadUntilAsync(LineEnd, "a chunk's size")).TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task<byte[]> ReadAsync(int count, string what)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WithinAsync(Limit, what);
        return bytes;
    }

    private async Task<string> ReadUntilAsync(string end, string what)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (text.Length < end.Length || text.ToString(text.Length - end.Length, end.Length) != end)
        {
            if (await _stream.ReadAsync(one).AsTask().WithinAsync(Limit, what) == 0)
            {
                throw new EndOfStreamException($"the connection ended in the middle of the answer: '{text}'");
            }

            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private static string? Header(string head, string name) =>
        head.Split(LineEnd).FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private static string HandshakeOf(string pathAndQuery, string host, string fields = "") =>
        $"GET {pathAndQuery} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n";
}
