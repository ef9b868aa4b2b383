using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Push.Api.Documentation;
using Push.Api.Http;
using Push.Api.Telemetry;
using Push.Auth.Access;
using Push.Auth.Policies;
using Push.Contracts;
using Push.Messaging;
using Push.ServiceDefaults.Http;

namespace Push.Api.Publications;

/// <summary><c>POST /push/new/score/message</c>: 200 once the broker has confirmed the message.</summary>
internal sealed class PublicationEndpoint(
    IPublicationPublisher publisher,
    AccessPolicy access,
    OriginRule origins,
    ApiMetrics metrics,
    IOptions<PublicationOptions> options,
    TimeProvider time)
{
    internal static readonly Reply NotJson =
        Reply.Error(StatusCodes.Status415UnsupportedMediaType, "Content-Type must be application/json in UTF-8");

    internal static readonly Reply NotConfirmed =
        Reply.Error(StatusCodes.Status503ServiceUnavailable, "The broker did not confirm the message; a retry with the same id is safe") with { RetryAfter = "1" };

    private readonly int _maxBodyBytes = options.Value.MaxRequestBytes;
    private readonly int _maxMessageBytes = options.Value.MaxMessageBytes;

    private readonly Reply _bodyTooLarge =
        Reply.Error(StatusCodes.Status413PayloadTooLarge, $"The body exceeds {options.Value.MaxRequestBytes} bytes");

    private readonly Reply _messageTooLarge =
        Reply.Error(StatusCodes.Status413PayloadTooLarge, $"message exceeds {options.Value.MaxMessageBytes} bytes of compact JSON");

    public async Task HandleAsync(HttpContext context)
    {
        if (TurnsAway(context, out var refusal) || Refuses(context.Request, out refusal))
        {
            metrics.PublicationRefused();
            await refusal.WriteAsync(context);
            return;
        }

        var started = await ReadAsync(context);
        if (started.Refusal is not null)
        {
            metrics.PublicationRefused();
            await started.Refusal.WriteAsync(context);
            return;
        }

        try
        {
            await started.Confirmation;
        }
        catch (BrokerUnavailableException)
        {
            metrics.PublicationUnconfirmed();
            await NotConfirmed.WriteAsync(context);
            return;
        }

        metrics.PublicationConfirmed(started.StartedAt);
        WriteSent(context.Response, started.Id!);
    }

    /// <summary><see cref="AccessPolicies.BackEnd"/> by hand: with ASP.NET Core's authorization a publish within one process takes a third more processor time.</summary>
    private bool TurnsAway(HttpContext context, [NotNullWhen(true)] out Reply? refusal)
    {
        refusal = !origins.Allows(context, PageRole.BackEnd) ? AccessReplies.ForeignOrigin
            : access.IsAnonymous || access.HasKey(context.Request.Headers.Authorization) ? null
            : AccessReplies.NoApiKey;
        return refusal is not null;
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

    private async ValueTask<StartedPublication> ReadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > _maxBodyBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                return new StartedPublication(_bodyTooLarge);
            }

            if (result.IsCompleted)
            {
                var started = Start(result.Buffer, context.Request.Headers[PushHeaders.IdempotencyKey], context.RequestAborted);
                reader.AdvanceTo(result.Buffer.End);
                return started;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Decodes the body and hands it to the publisher, which copies what it needs.</summary>
    internal StartedPublication Start(in ReadOnlySequence<byte> body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (body.IsSingleSegment)
        {
            return Start(body.FirstSpan, idempotencyKey, cancellationToken);
        }

        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(rented);
            return Start(rented.AsSpan(0, length), idempotencyKey, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private StartedPublication Start(ReadOnlySpan<byte> body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (!PublicationDecoder.TryDecode(body, PublicationForm.Request, out var publication, out var error)
            || (error = TakeIdempotencyKey(ref publication, idempotencyKey)) is not null)
        {
            return new StartedPublication(Reply.Error(StatusCodes.Status400BadRequest, error));
        }

        if (publication.Message.Length > _maxMessageBytes && MessageJson.Normalize(publication.Message).Length > _maxMessageBytes)
        {
            return new StartedPublication(_messageTooLarge);
        }

        var now = time.GetUtcNow();
        publication.Id ??= Guid.CreateVersion7(now).ToString("N");
        publication.PublishedAt = now;
        var startedAt = metrics.Timestamp();
        return new StartedPublication(publication.Id, startedAt, publisher.PublishAsync(publication, cancellationToken));
    }

    private static string? TakeIdempotencyKey(ref DecodedPublication publication, string? idempotencyKey)
    {
        if (string.IsNullOrEmpty(idempotencyKey))
        {
            return null;
        }

        if (publication.Id is not null && publication.Id != idempotencyKey)
        {
            return "id and the Idempotency-Key header differ";
        }

        publication.Id = idempotencyKey;
        return PublicationDecoder.CheckId(idempotencyKey);
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

    /// <summary>A publication that is on its way, or why it is not.</summary>
    internal readonly struct StartedPublication
    {
        public StartedPublication(Reply refusal) => Refusal = refusal;

        public StartedPublication(string id, long startedAt, ValueTask confirmation) => (Id, StartedAt, Confirmation) = (id, startedAt, confirmation);

        public Reply? Refusal { get; }

        public string? Id { get; }

        public long StartedAt { get; }

        public ValueTask Confirmation { get; }
    }
}

internal static class PublicationRoutes
{
    public static void MapPublications(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/push/new/score/message", (HttpContext context, PublicationEndpoint endpoint) => endpoint.HandleAsync(context))
            .RequireCors(OriginCors.BackEnds)
            .WithMetadata(new EnforcedPolicy(AccessPolicies.BackEnd))
            .DescribePublication();
}
