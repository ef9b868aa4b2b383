using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Push.Edge.Connections;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;
using Push.ServiceDefaults.Http;

namespace Push.Edge.Listening;

/// <summary>
/// <c>/ws</c> in ASP.NET Core's pipeline: answers what is no acceptable handshake, and upgrades those that come later on a kept-alive
/// connection (reverse proxies do that), over the server's pipes instead of the socket.
/// </summary>
internal sealed class HandshakeEndpoint(
    HandshakePolicy policy,
    PipeServer server,
    EdgeMetrics metrics,
    IOptions<EdgeOptions> options)
{
    private const string RetryAfterSeconds = "2";

    public Task HandleAsync(HttpContext context)
    {
        if (context.Features.Get<RefusedHandshake>()?.Take() is { } refusal)
        {
            return RefuseAsync(context.Response, refusal);
        }

        var decision = policy.Decide(ReadRequest(context.Request));
        return decision.IsAccepted ? UpgradeAsync(context, decision) : RefuseAsync(context.Response, decision.Refusal);
    }

    private static HandshakeRequest ReadRequest(HttpRequest request) => new()
    {
        // Kestrel would switch protocols for HTTP/1.0 too, which has no such thing (RFC 6455, section 4.1).
        IsUpgrade = request.Method == HttpMethods.Get
            && HttpProtocol.IsHttp11(request.Protocol)
            && request.HttpContext.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade).Contains("websocket", StringComparer.OrdinalIgnoreCase),
        Version = Single(request.Headers.SecWebSocketVersion),
        Key = Single(request.Headers.SecWebSocketKey),
        Extensions = request.Headers.SecWebSocketExtensions,
        Origin = request.Headers.Origin,
        Host = request.Headers.Host,
        IsThroughNetworkGateway = request.Headers.ContainsKey(PushHeaders.NetworkGateway),
        Query = request.QueryString.Value ?? "",
    };

    private static string? Single(StringValues values) => values.Count == 1 ? values[0] : null;

    private Task RefuseAsync(HttpResponse response, Refusal refusal)
    {
        metrics.HandshakeRefused(refusal.Reason);
        response.StatusCode = refusal.Status;
        response.ContentType = "text/plain; charset=utf-8";

        // A WebSocket client does not use the connection again: kept alive, a storm of refusals would hold memory for minutes.
        response.Headers.Connection = "close";
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        if (refusal.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.SecWebSocketVersion = HandshakeRequest.SupportedVersion;
        }

        var body = Encoding.UTF8.GetBytes(refusal.Text);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }

    private async Task UpgradeAsync(HttpContext context, HandshakeDecision decision)
    {
        // In its rooms before the server writes the response, so that nothing is missed in between: what is published meanwhile waits for the pipe.
        var transport = new PipeTransport(context.Abort);
        if (await server.OpenAsync(decision, transport, default) is not { } connection)
        {
            await RefuseAsync(context.Response, policy.WhyNotNow());
            return;
        }

        try
        {
            var headers = context.Response.Headers;
            headers.Connection = HeaderNames.Upgrade;
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = HandshakeKey.Accept(context.Request.Headers.SecWebSocketKey!);
            headers.SecWebSocketExtensions = decision.Extensions;
            await using var pipe = new UpgradedTransport(
                await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync(),
                context.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared);
            SendBuffer.Bound(context.Features, options.Value.SocketSendBufferBytes);
            transport.Begin(pipe);
            await server.RunAsync(connection, transport);
        }
        finally
        {
            // Where the upgrade has failed it is still open.
            await server.AbortAsync(connection, transport);
        }
    }

    /// <summary>The pipes of an upgraded request. They hold blocks of the server's pool until they are completed.</summary>
    private sealed class UpgradedTransport(Stream stream, MemoryPool<byte> pool) : IDuplexPipe, IAsyncDisposable
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(pool, bufferSize: 512, minimumReadSize: 256, leaveOpen: true, useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(pool, leaveOpen: true));

        public async ValueTask DisposeAsync()
        {
            await Input.CompleteAsync();

            // With an error nothing more is written: what the peer has not taken by now is lost.
            await Output.CompleteAsync(new ConnectionAbortedException());
            await stream.DisposeAsync();
        }
    }
}
