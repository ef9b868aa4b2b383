using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>What a body says, with the message still as it stands there.</summary>
internal readonly ref struct DecodedPush
{
    public required PushTarget Target { get; init; }

    /// <summary>Null where the body has none.</summary>
    public required string? Id { get; init; }

    /// <summary>The JSON text of the message: a string, an object or an array.</summary>
    public required ReadOnlySpan<byte> Message { get; init; }

    public required DateTimeOffset? PublishedAt { get; init; }

    public required DateTimeOffset? OccurredAt { get; init; }

    /// <summary>One of the times was given in a form that nothing can be made of.</summary>
    public bool HasUnreadableTime { get; init; }
}
