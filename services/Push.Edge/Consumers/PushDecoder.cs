using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Reads the JSON of <see cref="PushRequested"/>, plain or in MassTransit's envelope (docs/protocol.md).</summary>
internal static class PushDecoder
{
    /// <summary>
    /// False, with a reason that holds nothing of the body, for whatever can't be delivered. <paramref name="isEnvelope"/>: the content type says
    /// that it is MassTransit's envelope; else the body may.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, bool isEnvelope, out DecodedPush push, [NotNullWhen(false)] out string? error)
    {
        push = default;
        try
        {
            var fields = new PushBody();
            error = fields.Read(body);
            if (error is null && (isEnvelope || fields.IsEnvelope))
            {
                var message = fields.Message;
                fields = new PushBody();
                error = message.IsEmpty ? "the envelope holds no message" : fields.Read(message);
            }

            return error is null && TryCheck(fields, out push, out error);
        }
        catch (JsonException)
        {
            error = "the body is not JSON";
            return false;
        }
        catch (InvalidOperationException)
        {
            error = "the body holds text that is not valid Unicode";
            return false;
        }
    }

    /// <summary>What is wrong with id or message, naming the field; null if nothing is.</summary>
    public static string? Check(string? id, JsonValueKind message)
    {
        if (message is not (JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array))
        {
            return "message must be a string, an object or an array";
        }

        return string.IsNullOrEmpty(id) || PublicationId.IsValid(id) ? null : "id must be 1-128 characters";
    }

    private static bool TryCheck(PushBody fields, out DecodedPush push, [NotNullWhen(false)] out string? error)
    {
        push = default;
        error = Check(fields.Id, fields.MessageKind switch
        {
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            _ => JsonValueKind.Undefined,
        });
        if (error is not null)
        {
            return false;
        }

        if (!PushTarget.TryGet(fields.RoomId, fields.UserId, fields.DeviceId, out var target, out error))
        {
            error ??= "the target is malformed";
            return false;
        }

        push = new DecodedPush
        {
            Target = target,
            Id = string.IsNullOrEmpty(fields.Id) ? null : fields.Id,
            Message = fields.Message,
            PublishedAt = fields.PublishedAt,
            OccurredAt = fields.OccurredAt,
            HasUnreadableTime = fields.HasUnreadableTime,
        };
        error = null;
        return true;
    }
}
