using System.Text;
using System.Text.Json;
using Push.Contracts;
using Push.ServiceDefaults.Bus;

namespace Push.Api.Pushes;

/// <summary>The fields of a request body. Unknown ones are ignored; a known one given twice, or in another case, is refused: a mistyped target would reach everybody.</summary>
internal ref struct PushFields(ReadOnlySpan<byte> body)
{
    private static readonly string[] Names = ["message", "roomId", "userId", "deviceId", "id", "key", "occurredAt"];

    private readonly ReadOnlySpan<byte> _body = body;
    private Utf8JsonReader _reader = new(body, new JsonReaderOptions { MaxDepth = PublicationOptions.MaxDepth });
    private int _seen;

    /// <summary>The field that is being read.</summary>
    public string Current { get; private set; } = "The body";

    public JsonElement Message { get; private set; }

    /// <summary>The message as it was sent, white space included.</summary>
    public ReadOnlySpan<byte> RawMessage { get; private set; }

    public string? RoomId { get; private set; }

    public string? UserId { get; private set; }

    public string? DeviceId { get; private set; }

    public string? Id { get; set; }

    public string? Key { get; private set; }

    public DateTimeOffset? OccurredAt { get; private set; }

    /// <summary>Reads the whole body; what is wrong with it, or null.</summary>
    public string? Read()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            return "The body must be a JSON object";
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var error = ReadName() ?? ReadValue();
            if (error is not null)
            {
                return error;
            }
        }

        Current = "The body";
        // Nothing but white space may follow: the reader throws otherwise.
        _ = _reader.Read();
        return null;
    }

    /// <summary>Why <see cref="Read"/> threw: the reader does not tell.</summary>
    public readonly bool IsTooDeep()
    {
        var reader = new Utf8JsonReader(_body, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= PublicationOptions.MaxDepth && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // Malformed before it was too deep.
        }

        return false;
    }

    private string? ReadName()
    {
        Current = "A field name";
        for (var i = 0; i < Names.Length; i++)
        {
            if (_reader.ValueTextEquals(Names[i]))
            {
                Current = Names[i];
                var isFirst = (_seen & (1 << i)) == 0;
                _seen |= 1 << i;
                return isFirst ? null : $"{Current} is given twice";
            }
        }

        var name = _reader.GetString();
        var meant = Array.Find(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return meant is null ? null : $"A field is named as {meant} in another case";
    }

    private string? ReadValue()
    {
        _ = _reader.Read();
        switch (Current)
        {
            case "message":
                return ReadMessage();
            case "roomId" when _reader.TokenType == JsonTokenType.Number:
                RoomId = Encoding.ASCII.GetString(_reader.ValueSpan);
                return _reader.ValueSpan.ContainsAny(".eE"u8) ? "roomId must be a string or an integer" : null;
            case "roomId":
                RoomId = ReadText();
                return IsText ? null : "roomId must be a string or an integer";
            case "userId":
                UserId = ReadText();
                return CheckPrincipal(UserId);
            case "deviceId":
                DeviceId = ReadText();
                return CheckPrincipal(DeviceId);
            case "id":
                Id = NullIfEmpty(ReadText());
                return CheckText();
            case "key":
                Key = NullIfEmpty(ReadText());
                return CheckText();
            case "occurredAt":
                return ReadOccurredAt();
            default:
                _reader.Skip();
                return null;
        }
    }

    private string? ReadMessage()
    {
        if (_reader.TokenType is not (JsonTokenType.String or JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return "message must be a string, an object or an array";
        }

        var start = (int)_reader.TokenStartIndex;
        // A copy: a publisher may hold on to it for longer than this request has its buffer.
        Message = JsonElement.ParseValue(ref _reader);
        RawMessage = _body[start..(int)_reader.BytesConsumed];
        JsonText.ThrowIfUndecodable(RawMessage);
        return null;
    }

    private string? ReadOccurredAt()
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        OccurredAt = EventTime.TryRead(ref _reader, out var time) ? time : null;
        _reader.Skip();
        return OccurredAt is null ? "occurredAt must be an ISO 8601 time" : null;
    }

    private bool IsText => _reader.TokenType is JsonTokenType.String or JsonTokenType.Null;

    private string? ReadText() => _reader.TokenType == JsonTokenType.String ? _reader.GetString() : null;

    private string? CheckText() => IsText ? null : $"{Current} must be a string";

    /// <summary>An empty user or device is a publisher's mistake, not a wish to reach everybody.</summary>
    private string? CheckPrincipal(string? id) => id is "" ? $"{Current} must not be empty" : CheckText();

    private static string? NullIfEmpty(string? text) => text is "" ? null : text;
}
