using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using CsCheck;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Telemetry;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>Targets of whose members some have negotiated compression.</summary>
public sealed class CompressedFanoutTests : IAsyncDisposable
{
    private static readonly RoomKey Room = RoomKey.Room("room");
    private static readonly string Long = string.Concat(Enumerable.Range(0, 200));

    private readonly FanoutRig _rig = CreateRig();
    private readonly ScriptedTransport _plain = new();
    private readonly ScriptedTransport _deflated = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void Both_kinds_of_members_get_the_same_in_the_same_order()
    {
        _rig.Open(_plain, "room");
        _rig.OpenDeflating(_deflated, FanoutRig.Session(), "room");
        string[] texts = ["short", Long, "short again", $"{Long}{Long}", "the end"];

        Array.ForEach(texts, text => _rig.Publish(Room, text));
        Assert.Equal(2, _rig.RunRound()); // one for each form

        Assert.Equal(texts, ReceivedFrame.Describe(_plain.Received));
        Assert.Equal(texts.Select(text => (text, text.Length > 256)), ReceivedFrame.Messages(_deflated.Received));
        Assert.Equal(0, _rig.Loops.Backlog);
    }

    [Theory]
    [InlineData("room:room")]
    [InlineData("user:ann")]
    [InlineData("device:phone")]
    [InlineData("*")]
    public void Every_kind_of_target_is_compressed_for_one_member_or_several(string name)
    {
        Assert.True(RoomKey.TryParse(name, out var target));
        _rig.OpenDeflating(_deflated, FanoutRig.Session("ann", "phone"), "room");
        _rig.Publish(target, Long);
        _rig.RunRound();
        Assert.Equal([(Long, true)], ReceivedFrame.Messages(_deflated.Received));

        _rig.Open(_plain, FanoutRig.Session("ann", "phone"), "room");
        _rig.Publish(target, Long);
        _rig.RunRound();

        Assert.Equal([(Long, true), (Long, true)], ReceivedFrame.Messages(_deflated.Received));
        Assert.Equal([Long], ReceivedFrame.Describe(_plain.Received));
        Assert.Equal(0, _rig.Loops.Backlog);
    }

    [Fact]
    public void What_is_compressed_for_nobody_costs_its_plain_form_alone()
    {
        _rig.Open(_plain, "room");
        _rig.OpenDeflating(_deflated, FanoutRig.Session(), "other");

        _rig.Publish(Room, Long);
        Assert.Equal(new EncodedPublication(Room, FanoutRig.Frame(Long)).Cost, _rig.Loops.Backlog);
        _rig.Publish(RoomKey.Room("other"), "short");
        _rig.RunRound();

        Assert.Equal([("short", false)], ReceivedFrame.Messages(_deflated.Received));
        Assert.Equal([Long], ReceivedFrame.Describe(_plain.Received));
    }

    [Fact]
    public void Who_joins_behind_a_publication_takes_it_as_it_is()
    {
        _rig.Open(_plain, "room");
        _rig.Publish(Room, Long);
        _rig.OpenDeflating(_deflated, FanoutRig.Session(), "room");
        _rig.Publish(Room, $"{Long}!");
        _rig.RunRound();

        Assert.Equal([(Long, false), ($"{Long}!", true)], ReceivedFrame.Messages(_deflated.Received));
        Assert.Equal([Long, $"{Long}!"], ReceivedFrame.Describe(_plain.Received));
    }

    [Fact]
    public async Task Nobody_is_sent_compressed_messages_where_they_are_switched_off()
    {
        await using var rig = CreateRig(isEnabled: false);
        rig.OpenDeflating(_deflated, FanoutRig.Session(), "room");

        rig.Publish(Room, Long);
        rig.RunRound();

        Assert.Equal([(Long, false)], ReceivedFrame.Messages(_deflated.Received));
    }

    [Fact]
    public async Task A_pair_of_members_never_differs_whoever_comes_and_goes()
    {
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 700]);
        await step.Array[1, 60].SampleAsync(
            async steps =>
            {
                await using var rig = CreateRig();
                var pairs = new List<(ScriptedTransport Plain, ScriptedTransport Deflated)>();
                var open = new Queue<(Connection Plain, Connection Deflated)>();
                var published = 0;
                foreach (var (kind, room, size) in steps)
                {
                    switch (kind)
                    {
                        case 0:
                            // One of a pair's rooms has others of one kind alone in it.
                            rig.Open(new ScriptedTransport(), $"room-{room}");
                            break;
                        case <= 2:
                            pairs.Add((new ScriptedTransport(), new ScriptedTransport()));
                            open.Enqueue((rig.Open(pairs[^1].Plain, $"room-{room}"), rig.OpenDeflating(pairs[^1].Deflated, FanoutRig.Session(), $"room-{room}")));
                            break;
                        case 3 when open.TryDequeue(out var leaving):
                            rig.Cut(leaving.Plain);
                            rig.Cut(leaving.Deflated);
                            break;
                        case 4:
                            rig.RunRound();
                            break;
                        default:
                            rig.Publish(kind == 5 ? RoomKey.Everybody : RoomKey.Room($"room-{room}"), $"{++published}:{new string('x', size)}");
                            break;
                    }
                }

                rig.Time.Advance(TimeSpan.FromMilliseconds(20));
                rig.RunRound();
                Assert.All(pairs, pair => Assert.Equal(
                    ReceivedFrame.Describe(pair.Plain.Received), ReceivedFrame.Messages(pair.Deflated.Received).Select(message => message.Text)));
                Assert.Equal(0, rig.Loops.Backlog);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void A_slow_client_is_measured_by_what_waits_for_it()
    {
        var connection = _rig.OpenDeflating(_deflated, FanoutRig.Session(), "room");
        _deflated.PeerStalls();

        _rig.Publish(Room, Long);
        _rig.RunRound();

        Assert.InRange(connection.QueuedBytes, 1, Long.Length);
        Assert.Equal(connection.QueuedBytes, _rig.Loops.QueuedBytes);
        _deflated.PeerReads();
        Assert.Equal([(Long, true)], ReceivedFrame.Messages(_deflated.Received));
        Assert.Equal((0, 0L), (connection.QueuedBytes, _rig.Loops.QueuedBytes));
    }

    [Fact]
    public void Metrics_and_spans_count_each_publication_once_and_each_members_own_bytes()
    {
        var sums = new Dictionary<string, double>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _rig.MeterFactory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value);
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + 1);
        meters.Start();
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var spans = new List<Activity>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == DeliveryTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace.TraceId)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(activities);
        _rig.Open(_plain, "room");
        _rig.OpenDeflating(_deflated, FanoutRig.Session(), "room");
        _rig.OpenDeflating(new ScriptedTransport(), FanoutRig.Session(), "room");

        _rig.Fanout.Publish(new Publication { Target = Room, Payload = Encoding.UTF8.GetBytes(Long), PublishedAt = _rig.Time.GetUtcNow(), OccurredAt = _rig.Time.GetUtcNow(), Trace = trace });
        _rig.RunRound();

        Assert.Equal(3, sums[EdgeMetrics.FramesName]);
        Assert.Equal(_plain.Received.Length + (2 * _deflated.Received.Length), sums[EdgeMetrics.BytesName]);
        Assert.InRange(_deflated.Received.Length, 1, _plain.Received.Length - 1);
        Assert.Equal((1, 1), (sums[EdgeMetrics.DeliveryLatencyName], sums[EdgeMetrics.FreshnessName]));
        var span = Assert.Single(spans);
        Assert.Equal((3, 3), (span.GetTagItem(FanoutTrace.MatchedTag), span.GetTagItem(FanoutTrace.WrittenTag)));
    }

    private static FanoutRig CreateRig(bool isEnabled = true) => new(compression: options => options.Enabled = isEnabled);
}
