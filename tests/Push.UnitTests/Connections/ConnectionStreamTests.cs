using CsCheck;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Transports.WebSockets;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Connections;

/// <summary>Whatever the peer's pace, its stream is the taken frames in order, whole, and a close frame at most at the end.</summary>
public sealed class ConnectionStreamTests
{
    private static readonly Gen<Action<Model>> Operation = Gen.Frequency(
        (6, Gen.Int[1, 3000].Array[1, 4].Select<int[], Action<Model>>(lengths => model => model.Send(lengths))),
        (2, Gen.Const<Action<Model>>(model => model.Ping())),
        (4, Gen.Int[0, 9000].Select<int, Action<Model>>(bytes => model => model.Sink.PeerReads(bytes))),
        (1, Gen.Const<Action<Model>>(model => model.Sink.PeerStalls())));

    [Fact]
    public void The_stream_holds_the_taken_frames_in_order() =>
        Operation.Array[1, 120].Sample(operations => Run(operations, CloseReason.Normal), iter: 400, threads: 1);

    [Fact]
    public void A_slow_consumers_stream_ends_with_4101_after_a_whole_frame() =>
        Operation.Array[100, 300].Sample(
            operations => Run([model => model.Sink.PeerStalls(), .. operations.Where((_, i) => i % 3 > 0)], CloseReason.Normal), iter: 200, threads: 1);

    private static void Run(Action<Model>[] operations, CloseReason reason)
    {
        var model = new Model();
        foreach (var operation in operations)
        {
            operation(model);
        }

        model.Connection.Close(reason);
        model.Sink.PeerReads();

        var received = ReceivedFrame.Describe(model.Sink.Received);
        var isSlow = model.Connection.CloseReason == CloseReason.SlowConsumer;
        Assert.Equal(isSlow ? "close 4101" : $"close {reason.Code}", received[^1]);
        received.RemoveAt(received.Count - 1);

        // A slow consumer loses what was queued, never something in the middle.
        Assert.Equal(model.Taken.Take(isSlow ? received.Count : int.MaxValue), received);
        Assert.Equal(0, model.Connection.QueuedBytes);
        model.Connection.CloseReceived(CloseReason.Normal);
        Assert.True(model.Connection.IsEnded);
    }

    private sealed class Model
    {
        private int _sent;

        public Model() => Connection = Rig.Open(Sink);

        public FanoutRig Rig { get; } = new(edge: options => options.SendQueueBytes = 16 * 1024);

        public ScriptedTransport Sink { get; } = new();

        public Connection Connection { get; }

        public List<string> Taken { get; } = [];

        public void Send(int[] lengths)
        {
            var texts = lengths.Select(length => $"{_sent++}:".PadRight(length, '.')).ToArray();
            if (FanoutRig.Send(Connection, texts))
            {
                Taken.AddRange(texts);
            }
        }

        public void Ping()
        {
            Connection.SendControl(ClientFrameHeader.Ping, [1]);
            if (Connection.CloseReason is null)
            {
                Taken.Add("ping");
            }
        }
    }
}
