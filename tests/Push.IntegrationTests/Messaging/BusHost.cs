using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Push.Messaging;
using Push.TestKit;

namespace Push.IntegrationTests.Messaging;

/// <summary>A service with the bus in it, and whatever else a test adds.</summary>
internal sealed class BusHost : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly IHost _host;

    private BusHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IPublicationPublisher Publisher => Services.GetRequiredService<IPublicationPublisher>();

    /// <summary>Without a <paramref name="broker"/>, the bus is in memory.</summary>
    public static async Task<BusHost> StartAsync(Uri? broker, Action<IHostApplicationBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:RabbitMq"] = broker?.AbsoluteUri });
        builder.AddMessaging(inMemoryWithoutBroker: broker is null);
        configure(builder);
        var host = new BusHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    public static Task<BusHost> StartPublisherAsync(Uri broker, Action<IHostApplicationBuilder>? configure = null) => StartAsync(broker, builder =>
    {
        builder.AddPublisher();
        configure?.Invoke(builder);
    });

    /// <summary>Waits for what <c>/health/ready</c> asks.</summary>
    public Task UntilReadyAsync(bool isReady = true) =>
        Deadline.UntilAsync(
            async token => await IsReadyAsync(token) == isReady,
            ReadyLimit,
            isReady ? "the service gets ready" : "the service is no longer ready");

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), cancellationToken);
        return report.Status == HealthStatus.Healthy;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
