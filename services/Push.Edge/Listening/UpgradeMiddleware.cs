using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> over from Kestrel, below HTTP: a connection then costs no HTTP state, and its frames go straight to the
/// socket (docs/adr/0004). Everything else, refusals included, is handed back untouched, and ASP.NET Core answers it.
/// </summary>
internal sealed class UpgradeMiddleware(
    UpgradePolicy policy,
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
        var head = new RequestHead(keepsExtensions: policy.NegotiatesExtensions);
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
            metrics.HandshakeRefused("timeout");
            context.Abort(new ConnectionAbortedException("The request head took too long."));
            return null;
        }

        // A head over the limit is Kestrel's too: it answers 431 or 414.
        return head.Status == RequestHeadStatus.Handshake && head.Length <= _maxHeadBytes && TryOpen(context, head, out var connection) ? connection : null;
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

    private bool TryOpen(ConnectionContext context, RequestHead head, [NotNullWhen(true)] out Connection? connection)
    {
        connection = null;
        var request = head.ToRequest();
        var decision = policy.Decide(request);
        if (!decision.IsAccepted
            || !ConnectionTransport.TryCreateSink(context, _sendBufferBytes, out var sink)
            || !connections.TryOpen(decision.Session, decision.Rooms, out connection, takesDeflate: decision.Extensions is not null))
        {
            return false;
        }

        if (context.Transport.Input.TryRead(out var result))
        {
            context.Transport.Input.AdvanceTo(result.Buffer.GetPosition(head.Length));
        }

        Span<byte> response = stackalloc byte[UpgradeKey.ResponseLength(decision.Extensions)];
        UpgradeKey.WriteResponse(request.Key!, decision.Extensions, response);
        connection.Start(sink, response);
        metrics.HandshakeAccepted(connection.Rooms.Count);
        return true;
    }
}
