using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>Refuses bodies that are too large before a byte of them reaches a service.</summary>
internal static class BodyLimit
{
    public static void UseBodyLimit(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.MaxBodyBytes;
        var tooLarge = Reply.Error(StatusCodes.Status413PayloadTooLarge, $"The body exceeds {limit} bytes");
        app.Use((context, next) =>
        {
            var size = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
            if (context.Request.ContentLength > limit)
            {
                // Kestrel discards what is still sent, for five seconds at most, so that the sender gets to read the answer.
                size.MaxRequestBodySize = null;
                return tooLarge.WriteAsync(context);
            }

            if (!size.IsReadOnly)
            {
                size.MaxRequestBodySize = limit;
            }

            return next(context);
        });
    }
}
