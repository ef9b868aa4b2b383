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

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var session in sessions)
        {
            _rig.Open(_transport, session, ["red", "blue"]);
        }

        // All that was allocated on the way counts, the growing of tables among it.
        var perConnection = (GC.GetAllocatedBytesForCurrentThread() - before) / Connections;
        Assert.InRange(perConnection, 1, 1024);
    }

    [Theory]
    [InlineData("room:red", Connections)]
    [InlineData("user:ann", 1)]
    public void Handing_over_allocates_nothing_in_the_long_run(string target, int recipients)
    {
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

        var perFrame = (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0 / recipients;
        Assert.InRange(perFrame, 0, 8);
        Assert.Equal(101 * ((recipients + FanoutPass.SliceMembers - 1) / FanoutPass.SliceMembers), turns);
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
        return _rig.RunTurns();
    }

    private sealed class NullSink : IConnectionTransport
    {
        public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
        {
            taken = bytes.Length;
            return true;
        }

        public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes) => ValueTask.FromResult(true);

        public void End()
        {
        }

        public void Abort()
        {
        }
    }
}
