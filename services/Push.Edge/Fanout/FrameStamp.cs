namespace Push.Edge.Fanout;

/// <summary>What telemetry needs to know of a frame once it has been handed over; travels beside it through the batches.</summary>
/// <param name="PublishedAt">When the publisher handed it over; default where unknown.</param>
/// <param name="OccurredAt">When the event happened; default where unknown.</param>
/// <param name="Trace">Null where the publication is not traced.</param>
internal readonly record struct FrameStamp(DateTime PublishedAt, DateTime OccurredAt, FanoutTrace? Trace)
{
    public bool IsEmpty => PublishedAt == default && OccurredAt == default && Trace is null;
}
