using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Push.ServiceDefaults.Http;

/// <summary>A response whose body is known beforehand: its bytes are made once.</summary>
public sealed record Reply(int Status, ReadOnlyMemory<byte> Body)
{
    public static Reply NotFound { get; } = Error(StatusCodes.Status404NotFound, "Not Found");

    /// <summary>The <c>Retry-After</c> header, in seconds.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The <c>WWW-Authenticate</c> header.</summary>
    public string? Challenge { get; init; }

    /// <summary>A refusal with the body <c>{"error":"…"}</c>.</summary>
    public static Reply Error(int status, string error) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(error), ErrorJsonContext.Relaxed.ErrorBody));

    public Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is not null)
        {
            response.Headers.RetryAfter = RetryAfter;
        }

        if (Challenge is not null)
        {
            response.Headers.WWWAuthenticate = Challenge;
        }

        // Not cancelled with the request: to a client that is gone Kestrel writes nothing, while an exception here would be one more in an error's handler.
        return response.Body.WriteAsync(Body, CancellationToken.None).AsTask();
    }
}
