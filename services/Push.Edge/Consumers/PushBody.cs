using System.Text;
using System.Text.Json;

namespace Push.Edge.Consumers;

/// <summary>The fields of one JSON object, as <see cref="PushDecoder"/> finds them: nothing is checked against one another yet.</summary>
internal ref struct PushBody
{
    public ReadOnlySpan<byte> Message;
    public JsonTokenType MessageKind;
    public string? Id;
    public string? RoomId;
    public string? UserId;
    public string? DeviceId;
    public DateTimeOffset? PublishedAt;
    public DateTimeOffset? OccurredAt;

    /// <summary>The object is MassTransit's envelope: what is asked for stands in its <c>message</c>.</summary>
    public bool IsEnvelope;

    /// <summary>Reads <paramref name="json"/>; unknown properties are skipped.</summary>
    /// <returns>What is wrong, naming the field; null if nothing is.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    public string? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return "the body must be a JSON object";
        }

        string? error = null;
        while (error is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            error = ReadProperty(ref reader, json);
        }

        // Past the closing brace: more text there is an error of the reader's.
        _ = error is null && reader.Read();
        return error;
    }

    private string? ReadProperty(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        // Serializers disagree about the case of names; a room that is overlooked would make a broadcast.
        if (Is(ref reader, "message"u8))
        {
            return ReadMessage(ref reader, json);
        }

        if (Is(ref reader, "roomId"u8))
        {
            reader.Read();
            return ReadRoomId(ref reader);
        }

        if (Is(ref reader, "id"u8))
        {
            return ReadText(ref reader, "id must be a string", out Id);
        }

        if (Is(ref reader, "userId"u8))
        {
            return ReadText(ref reader, "userId must be a string", out UserId);
        }

        if (Is(ref reader, "deviceId"u8))
        {
            return ReadText(ref reader, "deviceId must be a string", out DeviceId);
        }

        if (Is(ref reader, "publishedAt"u8))
        {
            return ReadTime(ref reader, "publishedAt must be an ISO 8601 time", out PublishedAt);
        }

        if (Is(ref reader, "occurredAt"u8))
        {
            return ReadTime(ref reader, "occurredAt must be an ISO 8601 time", out OccurredAt);
        }

        var mayMarkEnvelope = Is(ref reader, "messageType"u8);
        reader.Read();
        IsEnvelope |= mayMarkEnvelope && reader.TokenType == JsonTokenType.StartArray;
        reader.Skip();
        return null;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped
            ? string.Equals(reader.GetString(), Encoding.ASCII.GetString(name), StringComparison.OrdinalIgnoreCase)
            : Ascii.EqualsIgnoreCase(reader.ValueSpan, name);

    private string? ReadMessage(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        MessageKind = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        Message = json[start..(int)reader.BytesConsumed];
        return null;
    }

    private string? ReadRoomId(ref Utf8JsonReader reader)
    {
        RoomId = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number when !reader.ValueSpan.ContainsAny(".eE"u8) => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => null,
        };
        return RoomId is null && reader.TokenType != JsonTokenType.Null ? "roomId must be a string or an integer" : null;
    }

    private static string? ReadText(ref Utf8JsonReader reader, string error, out string? value)
    {
        reader.Read();
        value = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return value is null && reader.TokenType != JsonTokenType.Null ? error : null;
    }

    private static string? ReadTime(ref Utf8JsonReader reader, string error, out DateTimeOffset? value)
    {
        reader.Read();
        value = reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time : null;
        return value is null && reader.TokenType != JsonTokenType.Null ? error : null;
    }
}
