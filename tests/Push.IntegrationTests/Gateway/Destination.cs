using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>A service behind the gateway: answers with its name and what it was asked; switches protocols where that is asked for.</summary>
internal sealed class Destination : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();

    private Destination(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public bool IsReady { get; set; } = true;

    /// <summary>What the destination waits for before it answers.</summary>
    public Task MayAnswer { get; set; } = Task.CompletedTask;

    /// <summary>Whether it answers everything with 503.</summary>
    public bool IsFull { get; set; }

    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<Destination> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var destination = new Destination(app);
        app.MapGet("/health/ready", () => Results.StatusCode(destination.IsReady ? 200 : 503));
        app.MapFallback("{*path}", context => destination.AnswerAsync(context, name));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return destination;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string name)
    {
        var answer = $"{name} {context.Request.Method} {context.Request.Path}{context.Request.QueryString} for {context.Request.Host}";
        using var body = new StreamReader(context.Request.Body);
        if (await body.ReadToEndAsync(context.RequestAborted) is { Length: > 0 } text)
        {
            answer += $" with {text}";
        }

        _requests.Enqueue(answer);
        await MayAnswer.WaitAsync(context.RequestAborted);
        if (IsFull)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsync($"{name} is full", context.RequestAborted);
            return;
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            await using var stream = await upgrade.UpgradeAsync();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer + "\n"), context.RequestAborted);
            await stream.CopyToAsync(stream, context.RequestAborted);
            return;
        }

        await context.Response.WriteAsync(answer, context.RequestAborted);
    }
}
