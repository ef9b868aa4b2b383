using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Push.Api.Http;
using Push.Api.Telemetry;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Http;

namespace Push.Api.Pushes;

/// <summary><c>POST /push/new/score/message</c>: 200 once the broker has confirmed the message.</summary>
internal sealed class PushEndpoint(PushParser parser, IPushPublisher publisher, RequestGate gate, ApiMetrics metrics, IOptions<PublicationOptions> options)
{
    private static readonly Reply NotJson =
        Reply.Error(StatusCodes.Status415UnsupportedMediaType, "Content-Type must be application/json in UTF-8");

    private static readonly Reply NotConfirmed =
        Reply.Error(StatusCodes.Status503ServiceUnavailable, "The broker did not confirm the message; a retry with the same id is safe") with { RetryAfter = "1" };

    private readonly int _maxBodyBytes = options.Value.MaxRequestBytes;

    private readonly Reply _bodyTooLarge =
        Reply.Error(StatusCodes.Status413PayloadTooLarge, $"The body exceeds {options.Value.MaxRequestBytes} bytes");

    public async Task HandleAsync(HttpContext context)
    {
        if (gate.TurnsAwayBackEnd(context, out var refusal) || Refuses(context.Request, out refusal))
        {
            metrics.PublicationRefused();
            await refusal.WriteAsync(context);
            return;
        }

        var parsed = await ReadAsync(context);
        if (!parsed.IsValid)
        {
            metrics.PublicationRefused();
            await parsed.Refusal.WriteAsync(context);
            return;
        }

        var startedAt = metrics.Timestamp();
        try
        {
            await publisher.PublishAsync(parsed.Push, parsed.Target, context.RequestAborted);
        }
        catch (BrokerUnavailableException)
        {
            metrics.PublicationUnconfirmed();
            await NotConfirmed.WriteAsync(context);
            return;
        }

        metrics.PublicationConfirmed(startedAt);
        WriteSent(context.Response, parsed.Push.Id);
    }

    private bool Refuses(HttpRequest request, [NotNullWhen(true)] out Reply? refusal)
    {
        refusal = !IsJson(request.ContentType) ? NotJson : null;
        if (refusal is null && request.ContentLength > _maxBodyBytes)
        {
            // Answered at once. Kestrel then discards what is still sent, for five seconds at most, so that the sender gets to read the answer.
            request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            refusal = _bodyTooLarge;
        }

        return refusal is not null;
    }

    private static bool IsJson(string? contentType) =>
        contentType is "application/json"
        || (MediaTypeHeaderValue.TryParse(contentType, out var media)
            && media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!media.Charset.HasValue || HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    private async ValueTask<ParsedPush> ReadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > _maxBodyBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                return new ParsedPush(_bodyTooLarge);
            }

            if (result.IsCompleted)
            {
                var parsed = parser.Parse(result.Buffer, context.Request.Headers[PushHeaders.IdempotencyKey]);
                reader.AdvanceTo(result.Buffer.End);
                return parsed;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static void WriteSent(HttpResponse response, string id)
    {
        var start = "{\"message\":\"message sent\",\"id\":\""u8;
        var escapedId = JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var end = "\"}"u8;

        response.ContentType = "application/json";
        response.ContentLength = start.Length + escapedId.Length + end.Length;
        response.BodyWriter.Write(start);
        response.BodyWriter.Write(escapedId);
        response.BodyWriter.Write(end);
    }
}
