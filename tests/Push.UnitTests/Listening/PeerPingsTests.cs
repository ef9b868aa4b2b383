using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge;
using Push.Edge.Listening;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Listening;

public sealed class PeerPingsTests : IAsyncDisposable
{
    private const int Slots = 25;

    private readonly FanoutRig _rig = new();
    private readonly PeerPings _pings;

    public PeerPingsTests() => _pings = new PeerPings(_rig.Connections, Options.Create(new EdgeOptions { PingInterval = Slots * ConnectionClock.Interval }));

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void Everybody_is_pinged_once_in_the_interval_and_not_all_at_once()
    {
        var sinks = Enumerable.Range(0, 500).Select(_ => new ScriptedSink()).ToArray();
        foreach (var sink in sinks)
        {
            _rig.Open(sink);
        }

        var most = 0;
        var before = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            _pings.Step();
            var pinged = sinks.Count(sink => sink.Received.Length > 0);
            most = Math.Max(most, pinged - before);
            before = pinged;
        }

        Assert.All(sinks, sink => Assert.Equal([0x89, 0x00], sink.Received));
        Assert.InRange(most, 1, sinks.Length / 4);
    }

    [Fact]
    public void A_peer_that_answers_neither_of_two_pings_is_dropped()
    {
        var connection = _rig.Open(new ScriptedSink());

        Intervals(2);
        Assert.Null(connection.CloseReason);

        Intervals(1);
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public void A_peer_that_says_anything_stays()
    {
        var connection = _rig.Open(new ScriptedSink());

        for (var i = 0; i < 10; i++)
        {
            Intervals(1);
            connection.UnansweredPings = 0;
        }

        Assert.Null(connection.CloseReason);
    }

    private void Intervals(int count)
    {
        for (var step = 0; step < count * Slots; step++)
        {
            _pings.Step();
        }
    }
}
