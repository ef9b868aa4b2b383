using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> over from Kestrel, below HTTP (docs/adr/0004): those that <see cref="UpgradeListener"/> could not see,
/// with TLS or in several packets. Everything else, refusals included, is handed back untouched, and ASP.NET Core answers it.
/// </summary>
internal sealed class UpgradeMiddleware(
    UpgradeAdmission admission,
    ConnectionRegistry connections,
    ConnectionReader reader,
    HandshakeDeadlines deadlines,
    EdgeMetrics metrics,
    IOptions<EdgeOptions> options)
{
    private readonly int _maxHeadBytes = options.Value.MaxRequestHeadBytes;
    private readonly int _sendBufferBytes = options.Value.SocketSendBufferBytes;

    /// <summary>Serves one TCP connection from its first byte on.</summary>
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        // In a method of its own: what stands here lives as long as the connection.
        if (await TryTakeOverAsync(context) is { } connection)
        {
            await reader.RunAsync(context.Transport.Input, connection);
        }
        else
        {
            await next(context);
        }
    }

    private async Task<Connection?> TryTakeOverAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        var head = admission.CreateHead();
        deadlines.Start(input);
        try
        {
            await ReadAsync(input, head);
        }
        catch (Exception e) when (ConnectionReader.IsLost(e))
        {
            // Kestrel meets the same end and puts it into its own metrics.
            deadlines.TryStop(input);
            return null;
        }

        if (!deadlines.TryStop(input))
        {
            metrics.HandshakeRefused(HandshakeDeadlines.Refusal);
            context.Abort(new ConnectionAbortedException("The request head took too long."));
            return null;
        }

        // A head over the limit is Kestrel's too: it answers 431 or 414.
        return head.Status == RequestHeadStatus.Handshake && head.Length <= _maxHeadBytes ? TryOpen(context, head) : null;
    }

    /// <summary>Reads until it is known what the request is, or the deadline passes; consumes nothing.</summary>
    private async ValueTask ReadAsync(PipeReader input, RequestHead head)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            head.Read(buffer);
            var isKnown = head.Status != RequestHeadStatus.Incomplete || result.IsCompleted || result.IsCanceled;
            if (isKnown || buffer.Length > _maxHeadBytes)
            {
                input.AdvanceTo(buffer.Start, buffer.Start);
                return;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private Connection? TryOpen(ConnectionContext context, RequestHead head)
    {
        var request = head.ToRequest();
        if (!admission.TryAdmit(request, out var connection, out var extensions))
        {
            return null;
        }

        if (!ConnectionTransport.TryCreateSink(context, _sendBufferBytes, out var sink))
        {
            connections.Remove(connection);
            return null;
        }

        if (context.Transport.Input.TryRead(out var result))
        {
            context.Transport.Input.AdvanceTo(result.Buffer.GetPosition(head.Length));
        }

        admission.Start(connection, sink, request, extensions);
        return connection;
    }
}
