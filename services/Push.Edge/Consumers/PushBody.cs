using System.Text;
using System.Text.Json;
using Push.Contracts;
using Push.ServiceDefaults.Bus;

namespace Push.Edge.Consumers;

/// <summary>The fields of one JSON object, as <see cref="PushDecoder"/> finds them: nothing is checked against one another yet.</summary>
internal ref struct PushBody
{
    /// <summary>What a publication may be nested, and one more for the envelope around it.</summary>
    private const int MaxDepth = PublicationOptions.MaxDepth + 1;

    // How MassTransit names a type: urn:message:<namespace>:<type>.
    private const string MessageUrn = "urn:message:";
    private const string PushRequestedUrn = ":PushRequested";

    public ReadOnlySpan<byte> Message;
    public JsonTokenType MessageKind;
    public string? Id;
    public string? RoomId;
    public string? UserId;
    public string? DeviceId;
    public DateTimeOffset? PublishedAt;
    public DateTimeOffset? OccurredAt;

    /// <summary>A time is given in a form that nothing can be made of. It is only measured, so it costs the message nothing.</summary>
    public bool HasUnreadableTime;

    /// <summary>The object says by its <c>messageType</c> that it is MassTransit's envelope: what is asked for stands in its <c>message</c>.</summary>
    public bool IsEnvelope;

    private int _seen;

    /// <summary>Reads <paramref name="json"/>; unknown properties are skipped.</summary>
    /// <returns>What is wrong, naming the field; null if nothing is.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    public string? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
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
        var field = Field(ref reader);
        if (field != Fields.Unknown && (_seen & (1 << (int)field)) != 0)
        {
            // Readers disagree about which of the two counts: a user's message could become everybody's.
            return $"{Name(field)} is given twice";
        }

        _seen |= 1 << (int)field;
        reader.Read();
        switch (field)
        {
            case Fields.Message:
                return ReadMessage(ref reader, json);
            case Fields.RoomId:
                return ReadRoomId(ref reader);
            case Fields.Id:
                return ReadText(ref reader, "id must be a string", out Id);
            case Fields.UserId:
                return ReadText(ref reader, "userId must be a string", out UserId);
            case Fields.DeviceId:
                return ReadText(ref reader, "deviceId must be a string", out DeviceId);
            case Fields.PublishedAt:
                ReadTime(ref reader, out PublishedAt);
                return null;
            case Fields.OccurredAt:
                ReadTime(ref reader, out OccurredAt);
                return null;
            case Fields.MessageType:
                ReadMessageType(ref reader);
                return null;
            default:
                reader.Skip();
                return null;
        }
    }

    private static Fields Field(ref Utf8JsonReader reader)
    {
        var escaped = reader.ValueIsEscaped ? reader.GetString() : null;
        for (var field = Fields.Message; field <= Fields.Key; field++)
        {
            if (escaped is null ? Ascii.EqualsIgnoreCase(reader.ValueSpan, Name(field)) : escaped.Equals(Name(field), StringComparison.OrdinalIgnoreCase))
            {
                return field;
            }
        }

        return Fields.Unknown;
    }

    private static string Name(Fields field) => field switch
    {
        Fields.Message => "message",
        Fields.RoomId => "roomId",
        Fields.UserId => "userId",
        Fields.DeviceId => "deviceId",
        Fields.Id => "id",
        Fields.PublishedAt => "publishedAt",
        Fields.OccurredAt => "occurredAt",
        Fields.MessageType => "messageType",
        _ => "key",
    };

    private string? ReadMessage(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
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
        value = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return value is null && reader.TokenType != JsonTokenType.Null ? error : null;
    }

    private void ReadTime(ref Utf8JsonReader reader, out DateTimeOffset? value)
    {
        value = EventTime.TryRead(ref reader, out var time) ? time : null;
        HasUnreadableTime |= value is null && reader.TokenType != JsonTokenType.Null;
        reader.Skip();
    }

    /// <summary>An envelope lists the types of its message. A publisher's own field of the same name does not make one.</summary>
    private void ReadMessageType(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            IsEnvelope |= reader.TokenType == JsonTokenType.String
                && reader.GetString() is { } type
                && type.StartsWith(MessageUrn, StringComparison.Ordinal)
                && type.EndsWith(PushRequestedUrn, StringComparison.Ordinal);
        }
    }

    private enum Fields
    {
        Unknown,
        Message,
        RoomId,
        UserId,
        DeviceId,
        Id,
        PublishedAt,
        OccurredAt,
        MessageType,
        Key,
    }
}
