using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Push.LoadTest.Publishing;

/// <summary>POSTs over kept-alive connections, one request at a time on each.</summary>
internal sealed class HttpPublisher(IPEndPoint server, Func<string?, int, HttpRequestParts> parts) : IPublisher
{
    private readonly ConcurrentBag<HttpConnection> _idle = [];
    private readonly ConcurrentDictionary<(string Room, int Length), HttpRequestParts> _requests = new();

    /// <summary>Push's <c>POST /push/new/score/message</c>.</summary>
    public static HttpPublisher ToPush(IPEndPoint server, string? apiKey)
    {
        var authorization = apiKey is null ? "" : $"Authorization: Bearer {apiKey}\r\n";
        return new HttpPublisher(server, (room, length) =>
        {
            var tail = room is null ? "\"}" : $"\",\"roomId\":\"{room}\"}}";
            const string Body = "{\"message\":\"";
            return new HttpRequestParts(
                $"POST /push/new/score/message HTTP/1.1\r\nHost: {server}\r\n{authorization}Content-Type: application/json\r\n" +
                $"Content-Length: {Body.Length + length + tail.Length}\r\n\r\n{Body}",
                tail);
        });
    }

    /// <summary>nchan's publisher location <c>/pub/{room}</c>.</summary>
    public static HttpPublisher ToNchan(IPEndPoint server) => new(server, (room, length) => new HttpRequestParts(
        $"POST /pub/{room} HTTP/1.1\r\nHost: {server}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n", ""));

    public async ValueTask<string?> PublishAsync(string? room, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var request = _requests.GetOrAdd((room ?? "", payload.Length), key => parts(room, key.Length));
        var connection = TakeConnection();
        try
        {
            var status = await connection.PostAsync(server, request, payload, cancellationToken);
            _idle.Add(connection);
            return status is >= 200 and < 300 ? null : $"HTTP {status}";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            connection.Dispose();
            return e.Message;
        }
    }

    private HttpConnection TakeConnection()
    {
        while (_idle.TryTake(out var connection))
        {
            if (!connection.IsStale)
            {
                return connection;
            }

            connection.Dispose();
        }

        return new HttpConnection();
    }

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _idle)
        {
            connection.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>A request around its payload.</summary>
internal sealed class HttpRequestParts(string head, string tail)
{
    public byte[] Head { get; } = Encoding.ASCII.GetBytes(head);

    public byte[] Tail { get; } = Encoding.ASCII.GetBytes(tail);
}
