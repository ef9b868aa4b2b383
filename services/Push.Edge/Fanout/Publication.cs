using System.Diagnostics;
using Push.Contracts;

namespace Push.Edge.Fanout;

/// <summary>A publication as the fan-out takes it: decoded once, for all recipients.</summary>
internal readonly record struct Publication
{
    /// <summary>Its place in the stream.</summary>
    public StreamPosition Position { get; init; }

    /// <summary>Whom it is for.</summary>
    public required RoomKey Target { get; init; }

    /// <summary>What it is about; null where the publisher does not say.</summary>
    public string? Key { get; init; }

    /// <summary>What a plain-mode client receives, in UTF-8: a string as it is, an object or array as compact JSON. Valid only during the call.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>When the publisher handed it over, where known.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>When the event happened, where known.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>The publisher's trace context; default where there is none.</summary>
    public ActivityContext Trace { get; init; }
}
