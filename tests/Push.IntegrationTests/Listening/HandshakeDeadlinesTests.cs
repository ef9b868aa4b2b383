using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Edge;
using Push.Edge.Listening;
using Push.Edge.Telemetry;
using Push.IntegrationTests.Transports;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.IntegrationTests.Listening;

public sealed class HandshakeDeadlinesTests : IAsyncDisposable
{
    private readonly FanoutRig _rig = new();
    private readonly FakeTimeProvider _time = new();
    private readonly HandshakeDeadlines _deadlines;
    private readonly PipeReader _input = new Pipe().Reader;

    public HandshakeDeadlinesTests() =>
        _deadlines = new HandshakeDeadlines(Options.Create(new EdgeOptions { HandshakeTimeout = TimeSpan.FromSeconds(10) }), _rig.Metrics, _time);

    public async ValueTask DisposeAsync()
    {
        _deadlines.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_read_is_woken_at_the_deadline_and_not_before()
    {
        _deadlines.Start(_input);
        var reading = _input.ReadAsync(TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        _deadlines.Sweep();
        Assert.False(reading.IsCompleted);

        _time.Advance(TimeSpan.FromTicks(1));
        _deadlines.Sweep();
        Assert.True((await reading).IsCanceled);
        Assert.False(_deadlines.TryStop(_input));
    }

    [Fact]
    public async Task A_socket_that_nothing_comes_from_is_ended_at_the_deadline()
    {
        using var pair = await SocketPair.CreateAsync(TestContext.Current.CancellationToken);
        _deadlines.Start(pair.Socket);
        var receiving = pair.Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(10));
        _deadlines.Sweep();

        await Assert.ThrowsAsync<SocketException>(() => receiving);
        Assert.False(_deadlines.TryStop(pair.Socket));
        await Assert.ThrowsAsync<SocketException>(() => pair.ReadAsync(_ => false, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Only_those_that_took_too_long_are_counted()
    {
        var outcomes = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == EdgeMetrics.HandshakesName && ReferenceEquals(instrument.Meter.Scope, _rig.MeterFactory))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => outcomes.Add(tags[0].Value));
        listener.Start();

        _deadlines.Start(new Pipe().Reader);
        _deadlines.Start(_input);
        _deadlines.TryStop(_input);
        _time.Advance(TimeSpan.FromSeconds(10));
        _deadlines.Sweep();
        _deadlines.Start(new Pipe().Reader);
        _deadlines.Dispose();

        Assert.Equal(["timeout"], outcomes);
    }

    [Fact]
    public async Task None_outlives_its_edge()
    {
        using var pair = await SocketPair.CreateAsync(TestContext.Current.CancellationToken);
        _deadlines.Start(pair.Socket);

        _deadlines.Dispose();

        Assert.Empty(await pair.ReadAsync(_ => false, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_finished_handshake_is_never_disturbed()
    {
        _deadlines.Start(_input);
        Assert.True(_deadlines.TryStop(_input));

        _time.Advance(TimeSpan.FromMinutes(1));
        _deadlines.Sweep();

        // A cancellation would make the next read return at once.
        Assert.False(_input.ReadAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
    }
}
