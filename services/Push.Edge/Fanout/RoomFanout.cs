using Push.Contracts;
using Push.Edge.Telemetry;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Fanout;

/// <summary>
/// Takes publications in the stream's order and posts them to the loops. Never waits for a socket; waits for a loop that is too far behind.
/// </summary>
internal sealed class RoomFanout(EventLoops loops, SubscriberIndex subscribers, FrameDeflater deflater, DeliveryTelemetry telemetry)
{
    /// <summary>Whether this Edge holds a connection that <paramref name="key"/> names: asked before a body is parsed.</summary>
    public bool HasSubscribers(in RoomKey key) => !subscribers.Find(key).IsEmpty;

    /// <summary>
    /// Encodes a frame once for each form that somebody takes. The order of calls is the order of delivery, so there is one caller at a time. Returns once
    /// the publication is posted; that takes longer while a loop's backlog is full.
    /// </summary>
    public void Publish(in Publication publication)
    {
        var holders = subscribers.Find(publication.Target);
        if (holders.IsEmpty)
        {
            return;
        }

        var payload = publication.Payload.Span;
        var plain = new byte[ServerFrame.Length(payload.Length)];
        ServerFrame.Write(plain, ServerFrame.Text, payload);
        var stamp = telemetry.Stamp(publication.PublishedAt, publication.OccurredAt, publication.Trace);
        var encoded = new EncodedPublication(publication.Target, plain, holders.AreDeflating ? Deflate(publication) : null, stamp);
        foreach (var loop in loops.All)
        {
            if (holders.Include(loop.Number))
            {
                loop.Mail.Publish(encoded);
            }
        }

        stamp.Trace?.Release();
    }

    // Whoever joins after the index was asked takes the plain form.
    private byte[]? Deflate(in Publication publication)
    {
        if (!deflater.Compresses(publication.Payload.Length))
        {
            return null;
        }

        var frame = deflater.Deflate(publication.Payload);
        return frame.IsEmpty ? null : frame.ToArray();
    }
}
