using Push.Contracts;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Connections;

public sealed class ConnectionRegistryTests : IAsyncDisposable
{
    private readonly FanoutRig _rig = new(edge: options => options.MaxConnections = 2);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void It_admits_up_to_its_limit_and_again_when_somebody_has_left()
    {
        var first = _rig.Open(new ScriptedTransport());
        _rig.Open(new ScriptedTransport());
        Assert.False(_rig.Connections.TryOpen(FanoutRig.Session(), [], out _));
        Assert.Equal(2, _rig.Connections.Count);

        _rig.Connections.Remove(first);
        _rig.Connections.Remove(first);

        Assert.Equal(1, _rig.Connections.Count);
        _rig.Open(new ScriptedTransport());
        Assert.False(_rig.Connections.TryOpen(FanoutRig.Session(), [], out _));
    }

    [Fact]
    public void It_finds_connections_by_id_until_they_are_removed()
    {
        var connection = _rig.Open(new ScriptedTransport(), "room");
        Assert.True(_rig.Connections.TryGet(connection.Id, out var found));
        Assert.Same(connection, found);
        Assert.Equal([connection], _rig.Connections.Connections);

        _rig.Connections.Remove(connection);

        Assert.False(_rig.Connections.TryGet(connection.Id, out _));
        Assert.False(_rig.Fanout.HasSubscribers(RoomKey.Room("room")));
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public void A_handshake_that_was_decided_on_before_the_drain_is_not_let_in_behind_it()
    {
        var before = _rig.Open(new ScriptedTransport(), "room");

        _rig.Readiness.BeginDrain();

        Assert.False(_rig.Connections.TryOpen(FanoutRig.Session(), ["late"], out _));
        Assert.Equal([before], _rig.Connections.Connections);
        Assert.Equal(1, _rig.Connections.Count);
        Assert.False(_rig.Fanout.HasSubscribers(RoomKey.Room("late")));
    }
}
