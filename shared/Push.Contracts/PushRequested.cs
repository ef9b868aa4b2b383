using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.Contracts;

/// <summary>
/// A request to deliver <see cref="Message"/> to the connections of one target. Its camelCase JSON form is the body on the
/// broker (see docs/protocol.md), so publishers in any language write the same bytes.
/// </summary>
/// <remarks>
/// At most one of <see cref="RoomId"/>, <see cref="UserId"/> and <see cref="DeviceId"/> names the target; none of them means every connection.
/// </remarks>
public sealed record PushRequested
{
    /// <summary>Identifies the publication within its target; a second one with the same id is dropped. 1–128 characters.</summary>
    public required string Id { get; init; }

    /// <summary>What clients receive: a string as it is, an object or array as compact JSON.</summary>
    [JsonConverter(typeof(MessageJsonConverter))]
    public required JsonElement Message { get; init; }

    /// <summary>The room, of the form that <see cref="Contracts.RoomId"/> checks.</summary>
    public string? RoomId { get; init; }

    /// <summary>Every connection of this logged-in user.</summary>
    public string? UserId { get; init; }

    /// <summary>Every connection of this device.</summary>
    public string? DeviceId { get; init; }

    /// <summary>What the message is about (a match, say): a newer message of the same key replaces an older one where a client asks for that.</summary>
    public string? Key { get; init; }

    /// <summary>When the event happened in the real world, as the publisher knows it.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>When the publisher handed the message over.</summary>
    public DateTimeOffset? PublishedAt { get; init; }
}
