using Push.Contracts;
using Push.Edge.Connections;
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
        Assert.Null(TryOpen());
        Assert.Equal((2, true), (_rig.Connections.Count, _rig.Connections.IsFull));

        _rig.Cut(first);
        _rig.Cut(first);

        Assert.Equal((1, false), (_rig.Connections.Count, _rig.Connections.IsFull));
        _rig.Open(new ScriptedTransport());
        Assert.Null(TryOpen());
    }

    [Fact]
    public void It_finds_connections_by_id_until_they_have_ended()
    {
        var connection = _rig.Open(new ScriptedTransport(), "room");
        Assert.True(ConnectionId.TryParse(connection.Id.ToString(), out var id));
        Assert.True(_rig.Connections.TryGet(id, out var found));
        Assert.Same(connection, found);
        Assert.Equal([connection], _rig.Connections.Connections);

        _rig.Cut(connection);

        Assert.False(_rig.Connections.TryGet(connection.Id, out _));
        Assert.False(_rig.Fanout.HasSubscribers(RoomKey.Room("room")));
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public void A_handshake_that_was_decided_on_before_the_drain_is_not_let_in_behind_it()
    {
        var before = _rig.Open(new ScriptedTransport(), "room");

        _rig.Readiness.BeginDrain();

        Assert.Null(TryOpen("late"));
        Assert.Equal([before], _rig.Connections.Connections);
        Assert.Equal(1, _rig.Connections.Count);
        Assert.False(_rig.Fanout.HasSubscribers(RoomKey.Room("late")));
    }

    private Connection? TryOpen(params string[] rooms) => _rig.TryOpen(new ScriptedTransport(), FanoutRig.Session(), null, rooms);
}
