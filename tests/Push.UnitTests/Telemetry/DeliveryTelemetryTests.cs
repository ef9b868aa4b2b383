using System.Diagnostics;
using Push.Contracts;
using Push.Edge.Telemetry;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Telemetry;

public sealed class DeliveryTelemetryTests
{
    private static readonly ActivityTraceId TraceId = ActivityTraceId.CreateRandom();

    [Theory]
    [InlineData(ActivityTraceFlags.None, false)]
    [InlineData(ActivityTraceFlags.Recorded, true)]
    public async Task A_publishers_sampled_flag_decides_whatever_the_sampler_says(ActivityTraceFlags flags, bool isTraced)
    {
        await using var rig = new FanoutRig();
        using var listener = ListenToThisThread();
        using var telemetry = new DeliveryTelemetry(rig.Metrics, rig.Time);

        using var activity = telemetry.StartProcess(new ActivityContext(TraceId, ActivitySpanId.CreateRandom(), flags, isRemote: true), RoomKey.Room("1"), "goal-1");

        Assert.Equal(isTraced ? TraceId : null, activity?.TraceId);
    }

    [Fact]
    public async Task Without_a_publishers_trace_one_begins()
    {
        await using var rig = new FanoutRig();
        using var listener = ListenToThisThread();
        using var telemetry = new DeliveryTelemetry(rig.Metrics, rig.Time);

        using var activity = telemetry.StartProcess(default, RoomKey.Room("1"), "goal-1");

        Assert.NotNull(activity);
        Assert.Null(activity.ParentId);
    }

    /// <summary>To the sources that this thread makes from now on: tests beside this one have sources of the same name.</summary>
    private static ActivityListener ListenToThisThread()
    {
        var (thread, isReady) = (Environment.CurrentManagedThreadId, false);
        var listener = new ActivityListener
        {
            ShouldListenTo = source => isReady && source.Name == DeliveryTelemetry.SourceName && Environment.CurrentManagedThreadId == thread,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        isReady = true;
        return listener;
    }
}
