using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Transports;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class AllocationTests : IAsyncDisposable
{
    private const int Connections = 2000;

    private readonly FanoutRig _rig = new();
    private readonly NullSink _transport = new();
    private readonly byte[] _payload = new byte[100];

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void An_idle_connection_takes_less_than_a_kilobyte()
    {
        var sessions = Enumerable.Range(0, Connections).Select(i => FanoutRig.Session($"user-{i}", $"device-{i}")).ToArray();
        OpenAll(["other", "rooms"]);

        // The tables of loops and registry have the size that they need by then, which they reach by doubling.
        Array.ForEach(Array.ConvertAll(sessions, session => _rig.Open(_transport, session, ["red", "blue"])), _rig.Cut);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var session in sessions)
        {
            _rig.Open(_transport, session, ["red", "blue"]);
        }

        var perConnection = (GC.GetAllocatedBytesForCurrentThread() - before) / Connections;
        Assert.InRange(perConnection, 1, 1024);
    }

    /// <summary>A publication is an object and its frame, whoever it is for; a delivery is nothing.</summary>
    [Theory]
    [InlineData("room:red", Connections)]
    [InlineData("user:ann", 1)]
    public void Handing_over_allocates_nothing_for_a_delivery(string target, int recipients)
    {
        const int PerPublication = 512;
        OpenAll(["red"]);
        _rig.Open(_transport, FanoutRig.Session("ann"));
        Assert.True(RoomKey.TryParse(target, out var parsed));
        var publication = new Publication { Target = parsed, Payload = _payload };
        var turns = Deliver(publication);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            turns += Deliver(publication);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, PerPublication);
        Assert.Equal(101 * ((recipients + EventLoop.SliceMembers - 1) / EventLoop.SliceMembers), turns);
    }

    private void OpenAll(string[] rooms)
    {
        for (var i = 0; i < Connections; i++)
        {
            _rig.Open(_transport, rooms);
        }
    }

    private int Deliver(in Publication publication)
    {
        _rig.Fanout.Publish(publication);
        return _rig.RunRound();
    }

    private sealed class NullSink : IConnectionTransport
    {
        public int Send(ReadOnlySpan<byte> bytes) => bytes.Length;

        public void AwaitRoom(bool awaits)
        {
        }

        public void End()
        {
        }

        public void Abort()
        {
        }
    }
}
