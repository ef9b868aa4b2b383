using System.Diagnostics;
using Push.Contracts;

namespace Push.Edge.Fanout;

/// <summary>A publication as the fan-out takes it: decoded once, for all recipients.</summary>
/// <param name="Target">Whom it is for.</param>
/// <param name="Payload">What a plain-mode client receives, in UTF-8: a string as it is, an object or array as compact JSON. Valid only during the call.</param>
/// <param name="PublishedAt">When the publisher handed it over, where known.</param>
/// <param name="OccurredAt">When the event happened, where known.</param>
/// <param name="Trace">The publisher's trace context; default where there is none.</param>
internal readonly record struct Publication(
    PushTarget Target,
    ReadOnlyMemory<byte> Payload,
    DateTimeOffset? PublishedAt,
    DateTimeOffset? OccurredAt,
    ActivityContext Trace);
