using Push.Edge.Connections;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Connections;

public sealed class PresenceRegistrarTests
{
    [Fact]
    public async Task Changes_come_out_in_order()
    {
        await using var rig = new FanoutRig();
        var connection = rig.Open(new ScriptedTransport(), "room");
        var registrar = new PresenceRegistrar();

        registrar.Register(connection);
        registrar.Unregister(connection);
        Assert.True(registrar.TryTake(out var first));
        Assert.Equal(["room"], first.Rooms!);
        Assert.True(registrar.TryTake(out var second));
        Assert.Null(second.Rooms);
        Assert.False(registrar.TryTake(out _));
        Assert.False(registrar.TakeForgotten());
    }

    [Fact]
    public async Task What_no_longer_fits_is_forgotten_and_said_so_once()
    {
        await using var rig = new FanoutRig();
        var connection = rig.Open(new ScriptedTransport(), "room");
        var registrar = new PresenceRegistrar();
        var taken = 0;

        for (var i = 0; i < 100_000; i++)
        {
            registrar.Register(connection);
        }

        while (registrar.TryTake(out _))
        {
            taken++;
        }

        Assert.InRange(taken, 1, 99_999);
        Assert.True(registrar.TakeForgotten());
        Assert.False(registrar.TakeForgotten());
    }
}
