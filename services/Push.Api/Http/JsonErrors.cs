using Microsoft.AspNetCore.WebUtilities;

namespace Push.Api.Http;

internal static class JsonErrors
{
    /// <summary>Gives every error that has no body one, of the form <c>{"error":"…"}</c>: unknown routes, wrong methods, faults.</summary>
    public static void UseJsonErrors(this WebApplication app)
    {
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext));
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = WriteAsync, StatusCodeSelector = Status });
    }

    private static int Status(Exception exception) => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;

    private static Task WriteAsync(HttpContext context) =>
        Reply.Error(context.Response.StatusCode, ReasonPhrases.GetReasonPhrase(context.Response.StatusCode)).WriteAsync(context);
}
