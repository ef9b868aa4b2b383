using Push.EndToEndTests.Setup;
using Push.EndToEndTests.Telemetry.Otlp;
using Push.TestKit.Servers;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>Separate processes behind a gateway, two Edges among them, that export all their traces and metrics and serve <c>/metrics</c>.</summary>
public sealed class ObservedSystem(Topologies topologies) : IAsyncLifetime
{
    private VirtualHost? _host;
    private StoreDatabase? _database;

    public OtlpReceiver Receiver { get; private set; } = null!;

    public Topology Topology { get; private set; } = null!;

    /// <summary>Where a pipeline publishes.</summary>
    public Uri Broker => _host!.Address;

    /// <summary>After this time without heartbeats a client is swept.</summary>
    public static TimeSpan HeartbeatTimeout { get; } = TimeSpan.FromSeconds(15);

    public async ValueTask InitializeAsync()
    {
        Receiver = await OtlpReceiver.StartAsync();
        _host = await topologies.Broker.CreateVirtualHostAsync();
        _database = await topologies.Store.TakeDatabaseAsync();
        Topology = await Topology.StartServicesAsync(new ServicesPlan
        {
            Broker = _host.Address,
            Store = _database.ConnectionString,
            Apis = 1,
            Settings = new Dictionary<string, string?>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Receiver.Address.AbsoluteUri,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRICS_EXPORTER"] = "otlp,prometheus",
                ["OTEL_LOGS_EXPORTER"] = "none",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
                ["Liveness:HeartbeatTimeout"] = HeartbeatTimeout.ToString(),
                ["Liveness:SweepInterval"] = "00:00:02",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Topology is not null)
        {
            await Topology.DisposeAsync();
        }

        _database?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (Receiver is not null)
        {
            await Receiver.DisposeAsync();
        }
    }
}
