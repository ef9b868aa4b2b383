using Push.Contracts;
using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class RoomFanoutTests : IAsyncDisposable
{
    private readonly FanoutRig _rig = new(options => options.Loops = 3);
    private readonly Dictionary<string, ScriptedTransport> _sinks = [];

    public RoomFanoutTests()
    {
        Open("ann-phone", "ann", "phone-1", "red");
        Open("ann-tablet", "ann", "tablet-1", "red", "blue");
        Open("bob-phone", "bob", "phone-2", "blue");
        Open("guest", null, "phone-3");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("room:red", "ann-phone ann-tablet")]
    [InlineData("room:blue", "ann-tablet bob-phone")]
    [InlineData("user:ann", "ann-phone ann-tablet")]
    [InlineData("device:phone-2", "bob-phone")]
    [InlineData("*", "ann-phone ann-tablet bob-phone guest")]
    [InlineData("room:green", "")]
    [InlineData("user:phone-3", "")]
    public void A_publication_reaches_its_target_and_nobody_else(string target, string recipients)
    {
        Assert.True(RoomKey.TryParse(target, out var parsed));
        Assert.Equal(recipients.Length > 0, _rig.Fanout.HasSubscribers(parsed));

        _rig.Publish(parsed, "hello");
        _rig.RunRound();

        Assert.Equal(recipients, string.Join(' ', _sinks.Where(entry => entry.Value.Received.Length > 0).Select(entry => entry.Key)));
        Assert.All(_sinks.Values, transport => Assert.InRange(transport.Received.Length, 0, ServerFrame.Length("hello".Length)));
    }

    [Fact]
    public void Only_loops_with_subscribers_are_told()
    {
        _rig.Publish(RoomKey.User("bob"), "hello");

        Assert.Single(_rig.Loops.All.ToArray(), loop => loop.Mail.Backlog > 0);
    }

    [Fact]
    public async Task An_edge_without_connections_has_no_subscribers()
    {
        await using var empty = new FanoutRig();

        Assert.False(empty.Fanout.HasSubscribers(RoomKey.Everybody));
        empty.Publish(RoomKey.Everybody, "hello");
        Assert.Equal(0, empty.RunRound());
    }

    private void Open(string name, string? userId, string deviceId, params string[] rooms)
    {
        _sinks.Add(name, new ScriptedTransport());
        _rig.Open(_sinks[name], FanoutRig.Session(userId, deviceId), rooms);
    }
}
