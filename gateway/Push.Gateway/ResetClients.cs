using Microsoft.AspNetCore.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Push.Gateway;

/// <summary>
/// Ends the connection of a client that was reset while it sent a body. The proxy takes that for an answered request, and Kestrel may then try to read the
/// rest of the body before it knows that the connection is gone, which it logs as an error.
/// </summary>
internal static class ResetClients
{
    public static void UseResetClients(this WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (context.Features.Get<IForwarderErrorFeature>() is { Error: ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled, Exception: { } failure } && IsReset(failure))
        {
            context.Abort();
        }
    });

    private static bool IsReset(Exception failure) =>
        failure is ConnectionResetException || (failure as AggregateException)?.InnerExceptions.Any(IsReset) == true || (failure.InnerException is { } inner && IsReset(inner));
}
