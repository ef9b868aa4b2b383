using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Http;

namespace Push.Api.Pushes;

/// <summary>Turns a request body into a publication, or into a refusal that names the field, in one pass over the bytes.</summary>
internal sealed class PushParser(IOptions<PublicationOptions> options, TimeProvider time)
{
    private readonly int _maxMessageBytes = options.Value.MaxMessageBytes;

    private readonly Reply _messageTooLarge =
        Reply.Error(StatusCodes.Status413PayloadTooLarge, $"message exceeds {options.Value.MaxMessageBytes} bytes of compact JSON");

    public ParsedPush Parse(in ReadOnlySequence<byte> body, string? idempotencyKey)
    {
        if (body.IsSingleSegment)
        {
            return Parse(body.FirstSpan, idempotencyKey);
        }

        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(rented);
            return Parse(rented.AsSpan(0, length), idempotencyKey);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private ParsedPush Parse(ReadOnlySpan<byte> body, string? idempotencyKey)
    {
        if (body.StartsWith(Encoding.UTF8.Preamble))
        {
            // Some clients send a byte order mark, and JSON readers may ignore it (RFC 8259, section 8.1).
            body = body[Encoding.UTF8.Preamble.Length..];
        }

        var fields = new PushFields(body);
        var error = body.IsEmpty ? "The body is empty"
            : !Utf8.IsValid(body) ? "The body is not valid UTF-8"
            : Read(ref fields) ?? Check(ref fields, idempotencyKey);
        if (error is not null)
        {
            return BadRequest(error);
        }

        if (fields.RawMessage.Length > _maxMessageBytes && MessageJson.Normalize(fields.RawMessage).Length > _maxMessageBytes)
        {
            return new ParsedPush(_messageTooLarge);
        }

        var now = time.GetUtcNow();
        var push = new PushRequested
        {
            Id = fields.Id ?? Guid.CreateVersion7(now).ToString("N"),
            Message = fields.Message,
            RoomId = fields.RoomId,
            UserId = fields.UserId,
            DeviceId = fields.DeviceId,
            Key = fields.Key,
            OccurredAt = fields.OccurredAt,
            PublishedAt = now,
        };
        return PushTarget.TryGet(push, out var target, out error) ? new ParsedPush(push, target) : BadRequest(error!);
    }

    private static ParsedPush BadRequest(string error) => new(Reply.Error(StatusCodes.Status400BadRequest, error));

    private static string? Read(ref PushFields fields)
    {
        try
        {
            return fields.Read();
        }
        catch (JsonException) when (fields.IsTooDeep())
        {
            return $"{fields.Current} is nested too deeply: a body may have {PublicationOptions.MaxDepth} levels";
        }
        catch (JsonException e)
        {
            return $"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to a string that cannot be decoded; UTF-8 has been checked before.
            return $"{fields.Current} holds half of a surrogate pair";
        }
    }

    private static string? Check(ref PushFields fields, string? idempotencyKey)
    {
        if (!string.IsNullOrEmpty(idempotencyKey))
        {
            if (fields.Id is not null && fields.Id != idempotencyKey)
            {
                return "id and the Idempotency-Key header differ";
            }

            fields.Id = idempotencyKey;
        }

        return fields.Message.ValueKind == JsonValueKind.Undefined ? "message is required: a string, an object or an array"
            : fields.Id is not null && !PrincipalId.IsValid(fields.Id) ? "id must be 1-128 characters without control characters"
            : fields.Key is not null && !PrincipalId.IsValid(fields.Key) ? "key must be 1-128 characters without control characters"
            : null;
    }
}
