using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Push.Contracts;

namespace Push.Messaging;

/// <summary>Where the text of a publication comes from.</summary>
public enum PublicationForm
{
    /// <summary>The body of a request. There is somebody to tell, so what is only unclear is refused.</summary>
    Request,

    /// <summary>A record of the stream: plain, or MassTransit's envelope where the body says so.</summary>
    Record,

    /// <summary>A record of the stream whose content type says that it is MassTransit's envelope.</summary>
    Envelope,
}

/// <summary>A publication as its text says it, with the message still as it stands there.</summary>
public ref struct DecodedPublication
{
    public RoomKey Target { get; set; }

    /// <summary>Null where the publisher gave none.</summary>
    public string? Id { get; set; }

    /// <summary>What the message is about; null where the publisher does not say.</summary>
    public string? Key { get; set; }

    /// <summary>The JSON text of the message: a string, an object or an array.</summary>
    public ReadOnlySpan<byte> Message { get; set; }

    public DateTimeOffset? PublishedAt { get; set; }

    public DateTimeOffset? OccurredAt { get; set; }

    /// <summary>One of the times was given in a form that nothing can be made of.</summary>
    public bool HasUnreadableTime { get; set; }
}

/// <summary>
/// Reads the JSON of <see cref="PushRequested"/> (docs/protocol.md), whichever way it came: one set of rules, and one set of messages that name the field
/// and repeat nothing of the body.
/// </summary>
/// <remarks>
/// A request is refused for three things that cost a record of the stream nothing, since its publisher has gone on: a name in another case, a time that
/// can't be read, and half of a surrogate pair within an object or array.
/// </remarks>
public static class PublicationDecoder
{
    // How MassTransit names a type: urn:message:<namespace>:<type>.
    private const string MessageUrn = "urn:message:";
    private const string PushRequestedUrn = ":PushRequested";

    /// <summary>False, with what is wrong, for whatever can't be delivered.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, PublicationForm form, out DecodedPublication publication, [NotNullWhen(false)] out string? error)
    {
        publication = default;
        if (body.StartsWith(Encoding.UTF8.Preamble))
        {
            // Some clients send a byte order mark, and JSON readers may ignore it (RFC 8259, section 8.1).
            body = body[Encoding.UTF8.Preamble.Length..];
        }

        error = body.IsEmpty ? "The body is empty" : Utf8.IsValid(body) ? null : "The body is not valid UTF-8";
        if (error is not null)
        {
            return false;
        }

        var isStrict = form == PublicationForm.Request;
        var fields = new Fields(body, isStrict);
        error = fields.Read(PublicationOptions.MaxDepth);
        if (error is not null && !isStrict && fields.IsTooDeep)
        {
            // An envelope is one level more.
            var outer = new Fields(body, isStrict);
            if (outer.Read(PublicationOptions.MaxDepth + 1) is null && (form == PublicationForm.Envelope || outer.IsEnvelope))
            {
                fields = outer;
                error = null;
            }
        }

        if (error is null && !isStrict && (form == PublicationForm.Envelope || fields.IsEnvelope))
        {
            var message = fields.Message;
            fields = new Fields(message, isStrict);
            error = message.IsEmpty ? "The envelope holds no message" : fields.Read(PublicationOptions.MaxDepth);
        }

        error ??= fields.Check();
        if (error is not null || !RoomKey.TryGet(fields.RoomId, fields.UserId, fields.DeviceId, out var target, out error))
        {
            error ??= "The target is malformed";
            return false;
        }

        publication = new DecodedPublication
        {
            Target = target,
            Id = fields.Id,
            Key = fields.Key,
            Message = fields.Message,
            PublishedAt = fields.PublishedAt,
            OccurredAt = fields.OccurredAt,
            HasUnreadableTime = fields.HasUnreadableTime,
        };
        return true;
    }

    /// <summary>What is wrong with an id; null if nothing is.</summary>
    public static string? CheckId(string? id) => CheckText("id", id);

    private static string? CheckText(string name, string? text) =>
        text is null || PrincipalId.IsValid(text) ? null : $"{name} must be 1-{PrincipalId.MaxLength} characters without control characters";

    /// <summary>The fields of one JSON object: nothing is checked against one another yet.</summary>
    private ref struct Fields(ReadOnlySpan<byte> json, bool isStrict)
    {
        private const int Unknown = -1;
        private const int MessageField = 0;
        private const int RoomIdField = 1;
        private const int UserIdField = 2;
        private const int DeviceIdField = 3;
        private const int IdField = 4;
        private const int KeyField = 5;
        private const int OccurredAtField = 6;

        // From here on for records alone: the Api knows itself when a request was published.
        private const int PublishedAtField = 7;
        private const int MessageTypeField = 8;

        private static readonly string[] Names = ["message", "roomId", "userId", "deviceId", "id", "key", "occurredAt", "publishedAt", "messageType"];

        private readonly ReadOnlySpan<byte> _json = json;
        private readonly int _known = isStrict ? PublishedAtField : Names.Length;
        private Utf8JsonReader _reader;
        private string _current = "The body";
        private int _seen;

        public ReadOnlySpan<byte> Message { get; private set; }

        public string? Id { get; private set; }

        public string? Key { get; private set; }

        public string? RoomId { get; private set; }

        public string? UserId { get; private set; }

        public string? DeviceId { get; private set; }

        public DateTimeOffset? PublishedAt { get; private set; }

        public DateTimeOffset? OccurredAt { get; private set; }

        /// <summary>A time is given in a form that nothing can be made of. It is only measured, so it costs the message nothing.</summary>
        public bool HasUnreadableTime { get; private set; }

        /// <summary>The object says by its <c>messageType</c> that it is MassTransit's envelope: what is asked for stands in its <c>message</c>.</summary>
        public bool IsEnvelope { get; private set; }

        /// <summary>Why it could not be read.</summary>
        public bool IsTooDeep { get; private set; }

        /// <summary>What is wrong with the text; null if nothing is.</summary>
        public string? Read(int maxDepth)
        {
            _reader = new Utf8JsonReader(_json, new JsonReaderOptions { MaxDepth = maxDepth });
            try
            {
                return ReadObject();
            }
            catch (JsonException e)
            {
                IsTooDeep = IsDeeperThan(maxDepth);
                return IsTooDeep
                    ? $"{_current} is nested too deeply: a body may have {PublicationOptions.MaxDepth} levels"
                    : $"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
            }
            catch (InvalidOperationException)
            {
                // The reader's answer to a string that can't be decoded; UTF-8 has been checked before.
                return $"{_current} holds half of a surrogate pair";
            }
        }

        /// <summary>What is wrong with the values; null if nothing is.</summary>
        public readonly string? Check() =>
            Message.IsEmpty ? "message is required: a string, an object or an array" : CheckText("id", Id) ?? CheckText("key", Key);

        private string? ReadObject()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            {
                return "The body must be a JSON object";
            }

            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                _current = "A field name";
                var error = ReadName(out var field) ?? ReadValue(field);
                if (error is not null)
                {
                    return error;
                }
            }

            _current = "The body";

            // Nothing but white space may follow: the reader throws otherwise.
            _ = _reader.Read();
            return null;
        }

        private string? ReadName(out int field)
        {
            field = Find();
            if (field == Unknown)
            {
                return null;
            }

            if (isStrict && !_reader.ValueTextEquals(Names[field]))
            {
                return $"A field is named as {Names[field]} in another case";
            }

            // Readers disagree about which of the two counts: a user's message could become everybody's.
            _current = Names[field];
            var isFirst = (_seen & (1 << field)) == 0;
            _seen |= 1 << field;
            return isFirst ? null : $"{_current} is given twice";
        }

        /// <summary>The field of this name in whatever case: serializers disagree about it, and a room that is overlooked would make a broadcast.</summary>
        private readonly int Find()
        {
            var escaped = _reader.ValueIsEscaped ? _reader.GetString() : null;
            for (var field = 0; field < _known; field++)
            {
                if (escaped is null ? Ascii.EqualsIgnoreCase(_reader.ValueSpan, Names[field]) : escaped.Equals(Names[field], StringComparison.OrdinalIgnoreCase))
                {
                    return field;
                }
            }

            return Unknown;
        }

        private string? ReadValue(int field)
        {
            _ = _reader.Read();
            bool isText;
            switch (field)
            {
                case MessageField:
                    return ReadMessage();
                case RoomIdField when _reader.TokenType == JsonTokenType.Number:
                    RoomId = Encoding.ASCII.GetString(_reader.ValueSpan);
                    return _reader.ValueSpan.ContainsAny(".eE"u8) ? "roomId must be a string or an integer" : null;
                case RoomIdField:
                    RoomId = ReadText(out isText);
                    return isText ? null : "roomId must be a string or an integer";
                case UserIdField:
                    UserId = ReadText(out isText);
                    break;
                case DeviceIdField:
                    DeviceId = ReadText(out isText);
                    break;
                case IdField:
                    Id = ReadText(out isText) is { Length: > 0 } id ? id : null;
                    break;
                case KeyField:
                    Key = ReadText(out isText) is { Length: > 0 } key ? key : null;
                    break;
                case OccurredAtField:
                    OccurredAt = ReadTime();
                    return isStrict && HasUnreadableTime ? "occurredAt must be an ISO 8601 time" : null;
                case PublishedAtField:
                    PublishedAt = ReadTime();
                    return null;
                case MessageTypeField:
                    ReadMessageType();
                    return null;
                default:
                    _reader.Skip();
                    return null;
            }

            return isText ? null : $"{_current} must be a string";
        }

        private string? ReadMessage()
        {
            if (_reader.TokenType is not (JsonTokenType.String or JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return "message must be a string, an object or an array";
            }

            var start = (int)_reader.TokenStartIndex;
            var isString = _reader.TokenType == JsonTokenType.String;
            _reader.Skip();
            Message = _json[start..(int)_reader.BytesConsumed];
            if (isStrict || isString)
            {
                ThrowIfUndecodable(Message);
            }

            return null;
        }

        private readonly string? ReadText(out bool isText)
        {
            isText = _reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
            return _reader.TokenType == JsonTokenType.String ? _reader.GetString() : null;
        }

        private DateTimeOffset? ReadTime()
        {
            DateTimeOffset? value = EventTime.TryRead(ref _reader, out var time) ? time : null;
            HasUnreadableTime |= value is null && _reader.TokenType != JsonTokenType.Null;
            _reader.Skip();
            return value;
        }

        /// <summary>An envelope lists the types of its message. A publisher's own field of the same name does not make one.</summary>
        private void ReadMessageType()
        {
            if (_reader.TokenType != JsonTokenType.StartArray)
            {
                _reader.Skip();
                return;
            }

            var depth = _reader.CurrentDepth;
            while (_reader.Read() && _reader.CurrentDepth > depth)
            {
                IsEnvelope |= _reader.TokenType == JsonTokenType.String
                    && _reader.GetString() is { } type
                    && type.StartsWith(MessageUrn, StringComparison.Ordinal)
                    && type.EndsWith(PushRequestedUrn, StringComparison.Ordinal);
            }
        }

        /// <summary>The reader does not tell why it threw.</summary>
        private readonly bool IsDeeperThan(int maxDepth)
        {
            var reader = new Utf8JsonReader(_json, new JsonReaderOptions { MaxDepth = int.MaxValue });
            try
            {
                while (reader.Read())
                {
                    if (reader.CurrentDepth >= maxDepth && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
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

        /// <summary>Decodes every string that may hold half of a surrogate pair.</summary>
        /// <exception cref="InvalidOperationException">A string can't be decoded.</exception>
        private static void ThrowIfUndecodable(ReadOnlySpan<byte> json)
        {
            if (json.IndexOf("\\u"u8) < 0)
            {
                return;
            }

            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
    }
}
