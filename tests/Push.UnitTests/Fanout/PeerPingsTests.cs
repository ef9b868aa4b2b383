using Push.Contracts;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class PeerPingsTests : IAsyncDisposable
{
    private const int Slots = 25;

    private readonly FanoutRig _rig = new(edge: options => options.PingInterval = TimeSpan.FromSeconds(Slots));

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void Everybody_is_pinged_once_in_the_interval_and_not_all_at_once()
    {
        var transports = Enumerable.Range(0, 500).Select(_ => new ScriptedTransport()).ToArray();
        foreach (var transport in transports)
        {
            _rig.Open(transport);
        }

        var most = 0;
        var before = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            Second();
            var pinged = transports.Count(transport => transport.Received.Length > 0);
            most = Math.Max(most, pinged - before);
            before = pinged;
        }

        Assert.All(transports, transport => Assert.Equal([0x89, 0x00], transport.Received));
        Assert.InRange(most, 1, transports.Length / 4);
    }

    [Fact]
    public void A_peer_that_answers_neither_of_two_pings_is_dropped()
    {
        var connection = _rig.Open(new ScriptedTransport());

        Intervals(2);
        Assert.Null(connection.CloseReason);

        Intervals(1);
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public void A_peer_that_says_anything_stays()
    {
        var connection = _rig.Open(new ScriptedTransport());

        for (var i = 0; i < 10; i++)
        {
            Intervals(1);
            connection.UnansweredPings = 0;
        }

        Assert.Null(connection.CloseReason);
    }

    private void Second()
    {
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _rig.RunRound();
    }

    private void Intervals(int count)
    {
        for (var step = 0; step < count * Slots; step++)
        {
            Second();
        }
    }
}
