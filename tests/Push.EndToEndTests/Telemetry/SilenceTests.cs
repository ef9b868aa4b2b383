using Push.EndToEndTests.Setup;
using Push.EndToEndTests.Telemetry.Otlp;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>An exporter that nobody asked for would call a collector at its default address: all HTTP of the process goes to the receiver as its proxy.</summary>
public sealed class SilenceTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Without_any_variable_nothing_is_exported()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Cancelled);

        await PushAndStopAsync(receiver, []);

        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task With_the_exporters_named_everything_goes_to_the_default_address()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Cancelled);

        await PushAndStopAsync(
            receiver,
            [
                new("OTEL_TRACES_EXPORTER", "otlp"),
                new("OTEL_METRICS_EXPORTER", "otlp"),
                new("OTEL_LOGS_EXPORTER", "otlp"),
                new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ]);

        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], receiver.Requests.Distinct().Order());
    }

    [Fact]
    public async Task Over_the_in_memory_bus_a_push_is_one_trace_too()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Cancelled);

        await PushAndStopAsync(receiver, [new("OTEL_TRACES_EXPORTER", "otlp"), new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);

        var publish = Assert.Single(receiver.Spans, span => span.Kind == SpanKind.Producer);
        var process = Assert.Single(receiver.Spans, span => span.Kind == SpanKind.Consumer);
        var fanout = Assert.Single(receiver.Spans, span => span.Name == "fanout");
        Assert.Equal("in_memory", process.Attributes["messaging.system"]);
        Assert.Equal((publish.TraceId, publish.SpanId), (process.TraceId, process.ParentId));
        Assert.Equal((publish.TraceId, process.SpanId), (fanout.TraceId, fanout.ParentId));
    }

    /// <summary>Delivers one push. What is exported late is exported when the process stops.</summary>
    private async Task PushAndStopAsync(OtlpReceiver receiver, IEnumerable<KeyValuePair<string, string?>> variables)
    {
        var proxy = receiver.Address.GetLeftPart(UriPartial.Authority);
        var settings = new Dictionary<string, string?>(variables) { ["HTTP_PROXY"] = proxy, ["http_proxy"] = proxy, ["NO_PROXY"] = null, ["no_proxy"] = null };
        await using var topology = await Topology.StartAllInOneAsync(settings, cancellationToken: Cancelled);
        var site = Enter(topology);
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "seen" }, Cancelled)).Status);
        await client.ReceiveAsync(1, Soon, "the message");
        Assert.Equal(404, (await site.Calls.GetAsync("/metrics", Cancelled)).Status);
        await topology.Services[0].StopAsync(Grace);
    }
}
