using Push.Edge.Connections;
using Push.Edge.Rooms;

namespace Push.Edge.Fanout;

/// <summary>What a shard's worker does next: a slice of an audience's pass, or one batch for one connection.</summary>
/// <param name="Audience">Null for a single connection.</param>
/// <param name="Recipient">Null for an audience.</param>
/// <param name="Batch">For <paramref name="Recipient"/>; an audience has its own.</param>
internal readonly record struct FanoutTurn(Audience? Audience, Connection? Recipient, Batch? Batch)
{
    /// <summary>Hands over, outside the shard's lock.</summary>
    public FanoutTally Run()
    {
        return Audience?.Pass.SendSlice() ?? new FanoutTally(Batch!, Matched: 1, Recipient!.Send(Batch!) ? 1 : 0, IsLast: true);
    }
}
