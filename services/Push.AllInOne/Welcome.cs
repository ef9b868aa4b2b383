using Microsoft.Extensions.Diagnostics.HealthChecks;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;

namespace Push.AllInOne;

/// <summary>Says where the process listens and what to try, once it is ready for it.</summary>
internal sealed class Welcome(IEnumerable<ListenAddress> listens, HealthCheckService health, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(CheckInterval, time);
        while (!await IsReadyAsync(stoppingToken))
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }

        var addresses = listens.Select(Reachable).ToArray();
        Console.WriteLine(Text(addresses[0], addresses[^1]));
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthRegistration.ReadyTag), cancellationToken);
        return report.Status == HealthStatus.Healthy;
    }

    /// <summary>An address to call for one to listen on.</summary>
    private static string Reachable(ListenAddress listen)
    {
        var address = BindingAddress.Parse(listen.Url);
        return $"{address.Scheme}://{(address.Host is "*" or "+" or "[::]" or "0.0.0.0" ? "localhost" : address.Host)}:{address.Port}";
    }

    private static string Text(string http, string edge) => $$"""

        Push is ready.

          Playground  {{http}}
          API         {{http}}/docs
          WebSocket   {{edge.Replace("http", "ws", StringComparison.Ordinal)}}/ws

        Get a token, connect with it (what arrives appears), and push from another terminal:

          TOKEN=$(curl -s '{{http}}/get/token?deviceId=me' | cut -d'"' -f4)
          curl -sN "{{edge}}/ws?token=$TOKEN&roomIds=match-1" -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: c3RhcnQtd2l0aC1jdXJsIQ=='
          curl {{http}}/push/new/score/message -H 'Content-Type: application/json' -d '{"roomId":"match-1","message":"Goal!"}'

        """;
}
