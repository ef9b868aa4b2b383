using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Push.TestKit.Clients;

/// <summary>A TCP connection that sends what no well-behaved client sends.</summary>
public sealed class RawClient : IDisposable
{
    private const string LineEnd = "\r\n";

    private readonly Stream _stream;

    private RawClient(Stream stream) => _stream = stream;

    public static async Task<RawClient> ConnectAsync(Uri server, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            return new RawClient(await SecureAsync(new NetworkStream(socket, ownsSocket: true), server, cancellationToken));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A WebSocket that is open, in the hands of the test.</summary>
    public static async Task<RawClient> UpgradeAsync(Uri edge, string token, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edge);
        var client = await ConnectAsync(edge, cancellationToken);
        var answer = await client.RequestAsync(UpgradeRequest(edge, $"{edge.AbsolutePath}?token={token}"), cancellationToken);
        return answer.Status == 101 ? client : throw new InvalidOperationException($"not upgraded: {answer}");
    }

    /// <summary>What a handshake that is to be refused is answered with.</summary>
    public static async Task<Answer> HandshakeAsync(Uri edge, string pathAndQuery, CancellationToken cancellationToken = default)
    {
        using var client = await ConnectAsync(edge, cancellationToken);
        return await client.RequestAsync(UpgradeRequest(edge, pathAndQuery), cancellationToken);
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => _stream.WriteAsync(bytes, cancellationToken).AsTask();

    /// <summary>Sends a whole request and reads the whole answer.</summary>
    public async Task<Answer> RequestAsync(string request, CancellationToken cancellationToken = default)
    {
        await SendAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        var head = await ReadHeadAsync(cancellationToken);
        var status = int.Parse(head.Split(' ', 3)[1], CultureInfo.InvariantCulture);
        var body = new StringBuilder();
        if (Header(head, "Content-Length") is { } length)
        {
            await ReadBodyAsync(body, int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }
        else if (Header(head, "Transfer-Encoding") is "chunked")
        {
            for (var size = await ReadChunkSizeAsync(cancellationToken); size > 0; size = await ReadChunkSizeAsync(cancellationToken))
            {
                await ReadBodyAsync(body, size, cancellationToken);
                await ReadUntilAsync(LineEnd, cancellationToken);
            }
        }

        return new Answer(status, body.ToString());
    }

    /// <summary>Skips what comes before the close frame; null where the connection ends without one.</summary>
    public async Task<ServerFrame?> ReadCloseAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                var frame = await ServerFrame.ReadAsync(_stream, cancellationToken);
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

    public void Dispose() => _stream.Dispose();

    private static async Task<Stream> SecureAsync(NetworkStream plain, Uri server, CancellationToken cancellationToken)
    {
        if (server.Scheme is not ("wss" or "https"))
        {
            return plain;
        }

        var secure = new SslStream(plain);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = server.Host,
            RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors,
        };
        await secure.AuthenticateAsClientAsync(options, cancellationToken);
        return secure;
    }

    private Task<string> ReadHeadAsync(CancellationToken cancellationToken) => ReadUntilAsync(LineEnd + LineEnd, cancellationToken);

    private async Task<int> ReadChunkSizeAsync(CancellationToken cancellationToken) =>
        int.Parse((await ReadUntilAsync(LineEnd, cancellationToken)).TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task ReadBodyAsync(StringBuilder body, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, cancellationToken);
        body.Append(Encoding.UTF8.GetString(bytes));
    }

    private async Task<string> ReadUntilAsync(string end, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (text.Length < end.Length || text.ToString(text.Length - end.Length, end.Length) != end)
        {
            if (await _stream.ReadAsync(one, cancellationToken) == 0)
            {
                throw new InvalidOperationException($"the connection ended in the middle of the answer: '{text}'");
            }

            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private static string? Header(string head, string name) =>
        head.Split(LineEnd).FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private static string UpgradeRequest(Uri edge, string pathAndQuery) =>
        $"GET {pathAndQuery} HTTP/1.1\r\nHost: {edge.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}
