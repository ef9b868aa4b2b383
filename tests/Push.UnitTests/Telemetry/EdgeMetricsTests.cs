using System.Diagnostics.Metrics;
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
}
