using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Push.Contracts;
using Push.EndToEndTests.Setup;
using Push.EndToEndTests.Telemetry.Otlp;
using Push.TestKit;
using Push.TestKit.Clients;
using RabbitMQ.Client;
using Xunit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>What a collector has of publications that cross all the processes.</summary>
[Collection(ObservedCollection.Name)]
public sealed class TracingTests(ObservedSystem system, Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Http = "POST /push/new/score/message";
    private const string Publish = "publish Push.Contracts:PushRequested";
    private const string Process = "process Push.Contracts:PushRequested:push-requested";
    private const string Fanout = "fanout";

    private const int Rounds = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SweptLimit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task One_push_is_one_trace_from_the_gateway_to_each_edges_fan_out()
    {
        var (site, gateway) = (Enter(system.Topology), Enter(system.Topology, throughGateway: true));
        var room = Site.Unique("room");
        await site.ConnectAsync(room, edge: 0);
        await site.ConnectAsync(room, edge: 0);
        var lonely = await site.ConnectAsync(room, edge: 1);
        await gateway.ConnectAsync(Site.Unique("elsewhere"));

        var id = Site.Unique("goal");
        var (traceId, publisher) = (Hex(16), Hex(8));
        using var request = new HttpRequestMessage(HttpMethod.Post, PushCalls.PublishPath)
        {
            Content = JsonContent.Create(new { roomId = room, id, message = "first" }),
            Headers = { { "traceparent", $"00-{traceId}-{publisher}-01" } },
        };
        Assert.Equal(200, (await gateway.Calls.SendAsync(request, Cancelled)).Status);
        Assert.Equal(200, (await gateway.Calls.PublishAsync(new { roomId = room, id = $"{id}-2", message = "second" }, Cancelled)).Status);
        await lonely.ReceiveAsync(2, Soon, "both messages");

        // Each process exports in order: when the second is whole, nothing of the first is still to come.
        await TraceOfAsync($"{id}-2", spans: 7);
        var trace = await TraceOfAsync(id, spans: 7);

        Assert.Equal(7, trace.Count);
        var front = Assert.Single(trace, span => span.Service == "push-gateway");
        Assert.Equal((SpanKind.Server, traceId, publisher), (front.Kind, front.TraceId, front.ParentId));

        var http = Assert.Single(trace, span => span.Service == "push-api" && span.Kind == SpanKind.Server);
        Assert.Equal((Http, front.SpanId), (http.Name, http.ParentId));
        AssertSays(
            http,
            ("http.request.method", "POST"),
            ("http.route", "/push/new/score/message"),
            ("url.path", "/push/new/score/message"),
            ("url.scheme", "http"),
            ("http.response.status_code", "200"));

        var publish = Assert.Single(trace, span => span.Kind == SpanKind.Producer);
        Assert.Equal((Publish, "push-api", http.SpanId), (publish.Name, publish.Service, publish.ParentId));
        AssertSays(
            publish,
            ("messaging.system", "rabbitmq"),
            ("messaging.operation.name", "publish"),
            ("messaging.operation.type", "send"),
            ("messaging.destination.name", BusNames.PushExchange),
            ("messaging.message.id", id),
            ("server.address", system.Broker.Host),
            ("server.port", $"{system.Broker.Port}"),
            ("push.target.kind", "room"));

        AssertFannedOut(trace, publish.SpanId, id, matched: [1, 2]);
        Assert.DoesNotContain(trace, span => span.ToString().Contains(room, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipelines_publish_continues_its_own_trace_and_one_that_is_not_sampled_stays_so()
    {
        var site = Enter(system.Topology);
        var room = Site.Unique("room");
        var clients = await Task.WhenAll(site.ConnectAsync(room, edge: 0), site.ConnectAsync(room, edge: 1));
        var id = Site.Unique("goal");
        var (unsampled, sampled, parent) = (Hex(16), Hex(16), Hex(8));

        await PublishAsync($$"""{"id":"{{id}}-0","roomId":"{{room}}","message":"not sampled"}""", $"00-{unsampled}-{parent}-00");
        await PublishAsync($$"""{"id":"{{id}}","roomId":"{{room}}","message":"sampled"}""", $"00-{sampled}-{parent}-01");
        foreach (var client in clients)
        {
            await client.ReceiveUntilAsync("sampled", Soon, "the pipeline's messages");
        }

        var trace = await TraceOfAsync(id, spans: 4);

        Assert.Equal(4, trace.Count);
        Assert.All(trace, span => Assert.Equal(sampled, span.TraceId));
        AssertFannedOut(trace, parent, id, matched: [1, 1]);
        Assert.DoesNotContain(system.Receiver.Spans, span => span.TraceId == unsampled);
    }

    [Fact]
    public async Task A_sweep_is_one_span_however_many_it_expires()
    {
        var site = Enter(system.Topology);

        // An Edge that finds no sweep of the last two intervals sweeps its own connections, and records no span. On a busy machine it may be
        // the first: whoever it was, all are closed, and there are others for the sweeper.
        IReadOnlyList<ExportedSpan> spans = [];
        var isSwept = false;
        for (var round = 0; round < Rounds && !isSwept; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(async i =>
                await site.ConnectSilentlyAsync(await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled), edge: i)));
            foreach (var client in clients)
            {
                Assert.Equal(4201, (await client.Closed.WithinAsync(SweptLimit, $"round {round}: the end of a silent client")).Code);
            }

            // The sweep that closed them may not have been exported yet; after two more it has.
            var seen = Sweeps(system.Receiver.Spans).Count();
            spans = await system.Receiver.SpansAsync(spans => Sweeps(spans).Count() >= seen + 2, SweptLimit, $"round {round}: two more sweeps");
            isSwept = Sweeps(spans).Any(span => span.Number("push.sweep.expired") > 0);
        }

        Assert.True(isSwept, $"in {Rounds} rounds no sweeper expired a client");
        Assert.All(Sweeps(spans), sweep =>
        {
            Assert.Equal(("push-sweeper", SpanKind.Internal, ""), (sweep.Service, sweep.Kind, sweep.ParentId));
            Assert.True(sweep.Number("push.sweep.due") >= sweep.Number("push.sweep.expired"));
            Assert.Single(spans, span => span.TraceId == sweep.TraceId);
        });

        // A sweep that failed, since the store did not answer in time, counts nobody.
        static IEnumerable<ExportedSpan> Sweeps(IEnumerable<ExportedSpan> spans) =>
            spans.Where(span => span.Name == "sweep" && span.Attributes.ContainsKey("push.sweep.expired"));
    }

    [Fact]
    public async Task Latencies_point_to_the_trace_in_which_they_were_measured()
    {
        var site = Enter(system.Topology);
        var room = Site.Unique("room");
        await site.ConnectAsync(room);
        var id = Site.Unique("goal");
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, id, occurredAt = TimeProvider.System.GetUtcNow(), message = "goal" }, Cancelled)).Status);
        var trace = (await TraceOfAsync(id, spans: 4)).First(span => span.Name == Fanout);

        var exemplars = await system.Receiver.ExemplarsAsync(
            exemplars => exemplars.Count(exemplar => exemplar.TraceId == trace.TraceId && exemplar.Metric.StartsWith("push.edge.", StringComparison.Ordinal)) >= 2,
            Limit,
            "exemplars of both latencies");

        Assert.Equal(
            ["push.edge.delivery.latency", "push.edge.freshness"],
            exemplars.Where(exemplar => exemplar.SpanId == trace.SpanId).Select(exemplar => exemplar.Metric).Distinct().Order());
    }

    [Fact]
    public async Task No_span_holds_a_token_and_none_is_a_clients()
    {
        foreach (var site in new[] { Enter(system.Topology), Enter(system.Topology, throughGateway: true) })
        {
            var token = await site.Calls.GetTokenAsync(Site.Unique("device"), Site.Unique("user"), Cancelled);
            await site.UseEverywhereAsync(token);
            await site.UseEverywhereAsync(MintedToken.Unwrap(token));

            var id = Site.Unique("last");
            await site.ConnectAsync(id);
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = id, id, message = "last" }, Cancelled)).Status);
            await TraceOfAsync(id, spans: 4);
        }

        var spans = system.Receiver.Spans;
        Assert.Contains(spans, span => span.Attributes.GetValueOrDefault("url.path") == "/heartbeat");
        Assert.DoesNotContain(spans, span => MintedToken.Any().IsMatch(span.ToString()));
        Assert.DoesNotContain(spans, span => span.Attributes.GetValueOrDefault("http.response.status_code") == "101");
    }

    /// <summary>One process and one fan-out span an Edge, and what they say.</summary>
    private static void AssertFannedOut(IReadOnlyList<ExportedSpan> trace, string parent, string id, int[] matched)
    {
        var processes = trace.Where(span => span.Kind == SpanKind.Consumer).ToArray();
        Assert.Equal(matched.Length, processes.Select(span => span.Instance).Distinct().Count());
        Assert.All(processes, process =>
        {
            Assert.Equal((Process, "push-edge", parent), (process.Name, process.Service, process.ParentId));
            AssertSays(
                process,
                ("messaging.system", "rabbitmq"),
                ("messaging.operation.name", "process"),
                ("messaging.operation.type", "process"),
                ("messaging.destination.name", "Push.Contracts:PushRequested:push-requested"),
                ("messaging.message.id", id),
                ("push.target.kind", "room"));
            var fanout = Assert.Single(trace, span => span.ParentId == process.SpanId);
            Assert.Equal((Fanout, SpanKind.Internal, process.Instance), (fanout.Name, fanout.Kind, fanout.Instance));
            Assert.Equal(fanout.Number("push.fanout.matched"), fanout.Number("push.fanout.written"));
            Assert.Equal(0, fanout.Number("push.fanout.dropped"));
            Assert.InRange(fanout.Number("push.fanout.first_write_ms"), 0, Soon.TotalMilliseconds);
            Assert.InRange(fanout.Number("push.fanout.last_write_ms"), fanout.Number("push.fanout.first_write_ms"), Soon.TotalMilliseconds);
        });
        Assert.Equal(matched, trace.Where(span => span.Name == Fanout).Select(span => (int)span.Number("push.fanout.matched")).Order());
    }

    private static void AssertSays(ExportedSpan span, params (string Attribute, string Value)[] attributes) =>
        Assert.All(attributes, attribute => Assert.Equal((attribute.Attribute, attribute.Value), (attribute.Attribute, span.Attributes.GetValueOrDefault(attribute.Attribute))));

    /// <summary>The publication's trace, once there are <paramref name="spans"/> of it.</summary>
    private async Task<IReadOnlyList<ExportedSpan>> TraceOfAsync(string id, int spans)
    {
        var received = await system.Receiver.SpansAsync(received => Trace(received).Count() >= spans, Limit, $"{spans} spans of the publication {id}");
        return [.. Trace(received)];

        IEnumerable<ExportedSpan> Trace(IReadOnlyList<ExportedSpan> all) =>
            all.FirstOrDefault(span => span.Attributes.GetValueOrDefault("messaging.message.id") == id) is { } one
                ? all.Where(span => span.TraceId == one.TraceId)
                : [];
    }

    private async Task PublishAsync(string body, string traceParent)
    {
        await using var connection = await new ConnectionFactory { Uri = system.Broker }.CreateConnectionAsync(Cancelled);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancelled);
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { [BusNames.TraceParentHeader] = traceParent } };
        await channel.BasicPublishAsync(BusNames.PushExchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body), Cancelled);
    }

    private static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
