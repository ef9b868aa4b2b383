using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Push.Edge.Connections;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> over from Kestrel, below HTTP (docs/adr/0004): those that <see cref="HandshakeListener"/> could not see,
/// with TLS or in several packets. Everything else, refusals included, is handed back untouched, and ASP.NET Core answers it.
/// </summary>
internal sealed class HandshakeMiddleware(HandshakeAdmission admission, ConnectionReader reader, HandshakeDeadlines deadlines)
{
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
            context.Abort(new ConnectionAbortedException("The request head took too long."));
            return null;
        }

        return admission.TryTakeOver(head, context, OpenTransport);
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
            if (isKnown || buffer.Length > admission.MaxHeadBytes)
            {
                input.AdvanceTo(buffer.Start, buffer.Start);
                return;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static IConnectionTransport? OpenTransport(ConnectionContext context, long headLength, int sendBufferBytes)
    {
        if (!TransportFactory.TryCreate(context, sendBufferBytes, out var transport))
        {
            return null;
        }

        if (context.Transport.Input.TryRead(out var result))
        {
            context.Transport.Input.AdvanceTo(result.Buffer.GetPosition(headLength));
        }

        return transport;
    }
}
