using System.Buffers;
using Push.Contracts;
using Push.Edge.Telemetry;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Fanout;

/// <summary>
/// Takes publications in the stream's order and hands them to the shards that hold members of the target. Never waits
/// for a socket; waits for a shard that is too far behind.
/// </summary>
internal sealed class RoomFanout(FanoutShards shards, FrameDeflater deflater, DeliveryTelemetry telemetry)
{
    /// <summary>Whether this Edge holds a connection that <paramref name="target"/> names: asked before a body is parsed.</summary>
    public bool HasSubscribers(in RoomKey target)
    {
        foreach (var shard in shards.All)
        {
            if (shard.HasSubscribers(target))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Encodes the frame once and appends it to the pending batches of the target. The order of calls is the order of
    /// delivery, so there is one caller at a time. Returns once the publication is taken; that takes longer while a shard's backlog is full.
    /// </summary>
    public void Publish(in Publication publication)
    {
        // Encoding and compressing are a cost per publication, never per connection.
        var payload = publication.Payload.Span;
        var buffer = ArrayPool<byte>.Shared.Rent(ServerFrame.Length(payload.Length));
        var plain = buffer.AsSpan(0, ServerFrame.Write(buffer, ServerFrame.Text, payload));
        var frame = new EncodedFrame(plain, TakesDeflate(publication) ? deflater.Deflate(publication.Payload) : []);
        var stamp = telemetry.Stamp(publication);
        try
        {
            foreach (var shard in shards.All)
            {
                shard.Publish(publication.Target, frame, stamp);
            }
        }
        finally
        {
            stamp.Trace?.Release();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Whoever joins between this question and the publication takes the plain form.
    private bool TakesDeflate(in Publication publication)
    {
        if (!deflater.Compresses(publication.Payload.Length))
        {
            return false;
        }

        foreach (var shard in shards.All)
        {
            if (shard.TakesDeflate(publication.Target))
            {
                return true;
            }
        }

        return false;
    }
}
