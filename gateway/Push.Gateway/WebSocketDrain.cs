using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Hosting;

namespace Push.Gateway;

/// <summary>
/// Sends the clients of a stopping gateway away while its listener still answers: one after another, evenly over nine tenths of the drain's time, then a
/// deadline, then abort. Kestrel, which stops after it, then finds no WebSocket that would hold it up.
/// </summary>
internal sealed partial class WebSocketDrain(WebSocketTunnels tunnels, IOptions<GatewayOptions> options, TimeProvider time, ILogger<WebSocketDrain> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        tunnels.BeginDrain();
        var timeout = options.Value.DrainTimeout;
        var startedAt = time.GetTimestamp();
        LogDraining(tunnels.Count);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> closing = [];
        await DrainPace.TellAllAsync(() => tunnels.Tunnels, tunnel => tunnel.IsTold, Tell, timeout, time, cancellationToken);

        LogDrained(tunnels.Count, time.GetElapsedTime(startedAt));
        await deadline.CancelAsync();
        foreach (var tunnel in tunnels.Tunnels)
        {
            tunnel.Abort();
        }

        await Task.WhenAll(closing);

        void Tell(WebSocketTunnel tunnel)
        {
            tunnel.IsTold = true;
            closing.Add(tunnel.CloseAsync(deadline.Token));
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventIds.Draining, LogLevel.Information, "Draining {Count} WebSockets")]
    private partial void LogDraining(int count);

    [LoggerMessage(EventIds.Drained, LogLevel.Information, "Drained in {Elapsed}; {Remaining} WebSockets are cut")]
    private partial void LogDrained(int remaining, TimeSpan elapsed);
}
