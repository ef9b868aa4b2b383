using BenchmarkDotNet.Attributes;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Benchmarks.Fanout;

/// <summary>The fan-out's own part, without sockets: everything goes to transports that take it at once.</summary>
[MemoryDiagnoser]
public class FanoutBenchmarks : IAsyncDisposable
{
    private const int Members = 1000;

    private readonly byte[] _payload = new byte[128];
    private readonly byte[] _frame = new byte[256];
    private readonly NullSink _transport = new();
    private EdgeUnderTest _edge = null!;
    private Publication _toRoom;
    private Publication _toNobody;
    private Publication _toOne;

    [GlobalSetup]
    public void Setup()
    {
        _edge = new EdgeUnderTest(new FanoutOptions { Loops = 1, CoalesceWindow = TimeSpan.Zero });
        for (var i = 0; i < Members; i++)
        {
            _edge.Open(_transport, "room");
        }

        _edge.Open(_transport, "alone");
        _toRoom = new Publication { Target = RoomKey.Room("room"), Payload = _payload };
        _toOne = new Publication { Target = RoomKey.Room("alone"), Payload = _payload };
        _toNobody = new Publication { Target = RoomKey.Room("nobody"), Payload = _payload };
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Encode() => ServerFrame.Write(_frame, ServerFrame.Text, _payload);

    [Benchmark]
    public bool Skip_a_room_without_members() => _edge.Fanout.HasSubscribers(_toNobody.Target);

    [Benchmark]
    public void Publish_to_one() => PublishAndRun(_toOne);

    [Benchmark(OperationsPerInvoke = Members)]
    public void Publish_to_1000_each() => PublishAndRun(_toRoom);

    [Benchmark]
    public void Open_and_end()
    {
        _edge.Open(_transport, "room", "other").Abort();
        _edge.Loops.All[0].RunRound(waits: false);
    }

    private void PublishAndRun(in Publication publication)
    {
        _edge.Fanout.Publish(publication);
        while (_edge.Loops.All[0].RunRound(waits: false) > 0)
        {
        }
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
