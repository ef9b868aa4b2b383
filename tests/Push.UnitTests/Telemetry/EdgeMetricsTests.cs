using System.Diagnostics.Metrics;
using System.Reflection;
using Push.Contracts;
using Push.Edge.Telemetry;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Telemetry;

public sealed class EdgeMetricsTests
{
    [Fact]
    public async Task Codes_that_clients_make_up_are_one_series()
    {
        await using var rig = new FanoutRig();
        var codes = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == EdgeMetrics.ClosesName && ReferenceEquals(instrument.Meter.Scope, rig.MeterFactory))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => codes.Add(tags[0].Value));
        listener.Start();

        rig.Metrics.ConnectionClosed(new CloseReason(3999, ""));
        rig.Metrics.ConnectionClosed(new CloseReason(4101, ""));
        rig.Metrics.ConnectionClosed(CloseReason.SlowConsumer);
        rig.Metrics.ConnectionClosed(CloseReason.Normal);

        Assert.Equal([3000, 3000, 4101, 1000], codes);
    }

    [Fact]
    public async Task Every_code_that_a_connection_can_end_with_begins_at_zero()
    {
        await using var rig = new FanoutRig();
        var codes = new Dictionary<object, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name is EdgeMetrics.ClosesName && ReferenceEquals(instrument.Meter.Scope, rig.MeterFactory))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => codes[tags[0].Value!] = codes.GetValueOrDefault(tags[0].Value!) + value);
        listener.Start();

        rig.Metrics.Begin();

        Assert.All(codes, code => Assert.Equal(0, code.Value));
        var reasons = typeof(CloseReason).GetProperties(BindingFlags.Static | BindingFlags.Public).Select(property => property.GetValue(null)).OfType<CloseReason>().ToArray();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Contains((int)reason.Code, codes.Keys));
        Assert.All((int[])[1003, 1008, 1010, 1014, 3000], code => Assert.Contains(code, codes.Keys));
    }

    [Fact]
    public async Task A_room_counts_once_however_many_loops_its_members_are_in()
    {
        await using var rig = new FanoutRig(options => options.Loops = 4);
        for (var i = 0; i < 8; i++)
        {
            rig.Open(new ScriptedTransport(), "shared", $"own-{i}");
        }

        Assert.Equal(9, rig.Subscribers.Rooms);
    }
}
