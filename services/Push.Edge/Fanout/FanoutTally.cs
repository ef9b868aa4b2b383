namespace Push.Edge.Fanout;

/// <summary>What a turn has handed to connections: each frame counts once a recipient.</summary>
internal readonly record struct FanoutTally(long Frames, long Bytes);
