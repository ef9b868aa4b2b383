using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Push.ServiceDefaults.Http;

public static class JsonErrors
{
    /// <summary>Gives every error that has no body one, of the form <c>{"error":"…"}</c>: unknown routes, wrong methods, faults.</summary>
    public static void UseJsonErrors(this WebApplication app)
    {
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext));
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = WriteAsync,
            StatusCodeSelector = Status,

            // A client that sends no more, or something that is not HTTP, is not a fault of ours: Kestrel notes it at its own level.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or ConnectionResetException,
        });
    }

    private static int Status(Exception exception) => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;

    private static Task WriteAsync(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error is ConnectionResetException)
        {
            // Nobody reads an answer. Without this, Kestrel may try to read the rest of the body before it knows that the connection is gone, and logs an error.
            context.Abort();
            return Task.CompletedTask;
        }

        var status = context.Response.StatusCode;
        return (Reply.Error(status, ReasonPhrases.GetReasonPhrase(status)) with { RetryAfter = RetryAfter(context.Response) }).WriteAsync(context);
    }

    /// <summary>A proxy's 502, 503 and 504 pass by themselves when another instance takes over.</summary>
    private static string? RetryAfter(HttpResponse response) =>
        response.StatusCode is >= StatusCodes.Status502BadGateway and <= StatusCodes.Status504GatewayTimeout ? "1" : null;
}
