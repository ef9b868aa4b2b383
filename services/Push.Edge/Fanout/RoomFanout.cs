using Push.Contracts;

namespace Push.Edge.Fanout;

/// <summary>Takes publications in the stream's order and hands them to the shards that hold members of the target. Never waits for a socket; waits (bounded) while a shard is too far behind.</summary>
internal sealed class RoomFanout
{
    /// <summary>Whether this Edge holds a connection that <paramref name="target"/> names: asked before a body is parsed.</summary>
    public bool HasAudience(in PushTarget target) => throw new NotImplementedException();

    /// <summary>Encodes the frame once and appends it to the pending batches of the target. Called by one reader at a time.</summary>
    public void Publish(in Publication publication) => throw new NotImplementedException();
}
