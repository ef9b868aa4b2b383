namespace Push.Edge.Telemetry;

/// <summary>What telemetry needs to know of a publication once it has been handed over; travels with it through the loops.</summary>
/// <param name="PublishedAt">When the publisher handed it over; default where unknown.</param>
/// <param name="OccurredAt">When the event happened; default where unknown.</param>
/// <param name="Trace">Null where the publication is not traced.</param>
internal readonly record struct FrameStamp(DateTime PublishedAt, DateTime OccurredAt, FanoutTrace? Trace)
{
    public bool IsEmpty => PublishedAt == default && OccurredAt == default && Trace is null;
}
