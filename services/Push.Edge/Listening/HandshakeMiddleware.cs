using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> over from Kestrel, below HTTP, where the loops could not read them: with TLS, and where the loops serve no
/// sockets. Everything else, refusals included, is handed back untouched, and ASP.NET Core answers it.
/// </summary>
internal sealed class HandshakeMiddleware(HandshakePolicy policy, PipeServer server, EdgeMetrics metrics, IOptions<EdgeOptions> options, TimeProvider time)
{
    private readonly EdgeOptions _options = options.Value;

    /// <summary>Serves one TCP connection from its first byte on.</summary>
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        // In a method of its own: what stands here lives as long as the connection.
        if (context.Features.Get<RefusedHandshake>() is null && await TryTakeOverAsync(context) is var (connection, transport))
        {
            await server.RunAsync(connection, transport);
        }
        else
        {
            await next(context);
        }
    }

    private async Task<(Connection Connection, PipeTransport Transport)?> TryTakeOverAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        var head = new RequestHead(policy.NegotiatesExtensions);
        using var timeout = new CancellationTokenSource(_options.HandshakeTimeout, time);
        try
        {
            await ReadAsync(input, head, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            metrics.HandshakeRefused(Refusal.TimeoutReason);
            context.Abort(new ConnectionAbortedException("The request head took too long."));
            return null;
        }
        catch (Exception e) when (PipeTransport.IsGone(e))
        {
            // Kestrel meets the same end and puts it into its own metrics.
            return null;
        }

        return head.Status == RequestHeadStatus.Handshake && head.Length <= _options.MaxRequestHeadBytes ? await TryOpenAsync(context, head) : null;
    }

    /// <summary>Reads until it is known what the request is; consumes nothing.</summary>
    private async ValueTask ReadAsync(PipeReader input, RequestHead head, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            head.Read(buffer);
            if (head.Status != RequestHeadStatus.Incomplete || result.IsCompleted || result.IsCanceled || buffer.Length > _options.MaxRequestHeadBytes)
            {
                input.AdvanceTo(buffer.Start, buffer.Start);
                return;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private async Task<(Connection Connection, PipeTransport Transport)?> TryOpenAsync(ConnectionContext context, RequestHead head)
    {
        var request = head.ToRequest();
        var decision = policy.Decide(request);
        if (!decision.IsAccepted)
        {
            context.Features.Set(new RefusedHandshake(decision.Refusal));
            return null;
        }

        SendBuffer.Bound(context.Features, _options.SocketSendBufferBytes);
        var response = new byte[HandshakeKey.ResponseLength(decision.Extensions)];
        HandshakeKey.WriteResponse(request.Key!, decision.Extensions, response);
        var transport = new PipeTransport(context.Abort, context.Transport);
        if (await server.OpenAsync(decision, transport, response) is not { } connection)
        {
            context.Features.Set(new RefusedHandshake(policy.WhyNotNow()));
            return null;
        }

        if (context.Transport.Input.TryRead(out var result))
        {
            context.Transport.Input.AdvanceTo(result.Buffer.GetPosition(head.Length));
        }

        return (connection, transport);
    }
}
