using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Push.LoadTest.Targets;

/// <summary>A collector that takes everything and keeps nothing, so that exporting costs the services what it does in production.</summary>
internal static class OtlpSink
{
    public const string Verb = "otlp-transport";

    public static async Task<int> RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(builder.Configuration["Listen:Url"]!);
        await using var app = builder.Build();
        app.Run(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await app.RunAsync();
        return 0;
    }
}
