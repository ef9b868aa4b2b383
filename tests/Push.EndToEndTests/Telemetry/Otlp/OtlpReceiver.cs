using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProtoBuf;
using Push.TestKit;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>A collector as far as tests need one: takes OTLP over HTTP and keeps spans and exemplars.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<string> _requests = [];
    private readonly List<ExportedSpan> _spans = [];
    private readonly List<Exemplar> _exemplars = [];
    private TaskCompletionSource _changed = NewSignal();

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The paths of all requests so far.</summary>
    public IReadOnlyList<string> Requests => Snapshot(_requests);

    public IReadOnlyList<ExportedSpan> Spans => Snapshot(_spans);

    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Waits until the spans so far satisfy <paramref name="isEnough"/> and gives them.</summary>
    public Task<IReadOnlyList<ExportedSpan>> SpansAsync(Func<IReadOnlyList<ExportedSpan>, bool> isEnough, TimeSpan limit, string phase) =>
        UntilAsync(_spans, isEnough, limit, phase);

    /// <summary>The same for exemplars.</summary>
    public Task<IReadOnlyList<Exemplar>> ExemplarsAsync(Func<IReadOnlyList<Exemplar>, bool> isEnough, TimeSpan limit, string phase) =>
        UntilAsync(_exemplars, isEnough, limit, phase);

    /// <summary>Waits for the first request of any kind.</summary>
    public Task RequestedAsync(TimeSpan limit, string phase) => UntilAsync(_requests, requests => requests.Count > 0, limit, phase);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        var path = context.Request.Path.Value!;
        lock (_gate)
        {
            _requests.Add(path);
            switch (path)
            {
                case "/v1/traces":
                    _spans.AddRange(ExportedSpan.Of(Serializer.Deserialize<TracesRequest>(body)));
                    break;
                case "/v1/metrics":
                    _exemplars.AddRange(Exemplar.Of(Serializer.Deserialize<MetricsRequest>(body)));
                    break;
            }

            _changed.SetResult();
            _changed = NewSignal();
        }

        // An empty message: everything was taken.
        context.Response.ContentType = "application/x-protobuf";
    }

    private async Task<IReadOnlyList<T>> UntilAsync<T>(List<T> received, Func<IReadOnlyList<T>, bool> isEnough, TimeSpan limit, string phase)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (isEnough(received))
                {
                    return [.. received];
                }

                changed = _changed.Task;
            }

            var left = limit - Stopwatch.GetElapsedTime(startedAt);
            await changed.WithinAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, $"{phase} (of {limit.TotalSeconds:0} s)");
        }
    }

    private List<T> Snapshot<T>(List<T> received)
    {
        lock (_gate)
        {
            return [.. received];
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
