using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Push.ServiceDefaults.Http;

/// <summary>
/// Gives every response the headers that keep a browser from reading it as something else, from showing it in a foreign page and from telling others
/// its address. Nothing that a service answers is a page, unless it brings a policy of its own.
/// </summary>
/// <remarks>They are added as the response starts: an answer that was begun anew has them too, and what a gateway passes on is not given them twice.</remarks>
internal sealed class SecurityHeaders : IStartupFilter
{
    private const string NoPage = "default-src 'none'; frame-ancestors 'none'";

    private static readonly Func<object, Task> Add = static state =>
    {
        var response = (HttpResponse)state;
        if (response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            var headers = response.Headers;
            headers.TryAdd("X-Content-Type-Options", "nosniff");
            headers.TryAdd("X-Frame-Options", "DENY");
            headers.TryAdd("Referrer-Policy", "no-referrer");
            headers.TryAdd("Content-Security-Policy", NoPage);
        }

        return Task.CompletedTask;
    };

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static next => context =>
        {
            context.Response.OnStarting(Add, context.Response);
            return next(context);
        });
        next(app);
    };
}
