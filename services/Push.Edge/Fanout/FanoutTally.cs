namespace Push.Edge.Fanout;

/// <summary>What a turn has handed to connections.</summary>
/// <param name="Batch">The frames.</param>
/// <param name="Matched">Connections that were to have them.</param>
/// <param name="Taken">Connections that took them, written or queued.</param>
/// <param name="IsLast">Nobody of this shard is left to have them.</param>
/// <param name="TakenDeflated">How many of those that took them took the compressed form.</param>
internal readonly record struct FanoutTally(Batch Batch, int Matched, int Taken, bool IsLast, int TakenDeflated = 0)
{
    /// <summary>Each frame counts once a recipient.</summary>
    public long Frames => Taken * (long)Batch.FrameCount;

    public long Bytes => ((Taken - TakenDeflated) * (long)Batch.Length) + (TakenDeflated * (long)(Batch.Deflated?.Length ?? 0));
}
