using System.Threading.Channels;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.ControlBus;
using Push.Presence;
using Push.Sweeper;
using StackExchange.Redis;

namespace Push.IntegrationTests.Sweeping;

/// <summary>The Sweeper's module on a bus of its own, with an ear on what it publishes. Sweeps by itself once it is started.</summary>
internal sealed class SweeperHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<ConnectionExpired> _published = Channel.CreateUnbounded<ConnectionExpired>();

    public SweeperHost(string redis, TimeSpan heartbeatTimeout, TimeSpan sweepInterval, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = redis,
            ["Liveness:HeartbeatTimeout"] = heartbeatTimeout.ToString(),
            ["Liveness:SweepInterval"] = sweepInterval.ToString(),
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Logging.ClearProviders();
        builder.AddMessaging(inMemoryWithoutBroker: true);
        builder.AddPushSweeper();
        builder.AddControlHandler<ConnectionExpired, Ear>(_ => "expired", concurrency: 1);
        builder.Services.AddSingleton(_published.Writer);
        _app = builder.Build();
    }

    public PresenceStore Store => _app.Services.GetRequiredService<PresenceStore>();

    /// <summary>What the store has written, to look at and to falsify.</summary>
    public IDatabase Database => _app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public HeartbeatSweeper Sweeper => _app.Services.GetRequiredService<HeartbeatSweeper>();

    public ChannelReader<ConnectionExpired> Published => _published.Reader;

    /// <summary>Starts the bus alone: the test sweeps.</summary>
    public Task StartBusAsync(CancellationToken cancellationToken) => _app.Services.GetRequiredService<IBusControl>().StartAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Ear(ChannelWriter<ConnectionExpired> published) : IControlHandler<ConnectionExpired>
    {
        public async Task HandleAsync(ConnectionExpired controlEvent, CancellationToken cancellationToken) => await published.WriteAsync(controlEvent, cancellationToken);
    }
}
