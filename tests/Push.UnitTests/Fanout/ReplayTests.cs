using Push.Contracts;
using Push.Edge.Connections;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class ReplayTests : IAsyncDisposable
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 500).Select(i => $"{i}:".PadRight(1000, '.'))];

    private readonly FanoutRig _rig = new();
    private readonly ScriptedTransport _transport = new();
    private bool _isDisposed;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void It_is_sent_in_pieces_with_the_others_turns_between()
    {
        var connection = _rig.Open(_transport);
        var other = new ScriptedTransport();
        _rig.Open(other, "room");

        _rig.Loops.Replay(connection, Frames());
        _rig.Publish(RoomKey.Room("room"), "hello");
        Assert.True(_rig.RunTurn());
        Assert.InRange(_transport.Received.Length, 1, 20_000);
        Assert.True(_rig.RunTurn());
        Assert.Equal(["hello"], ReceivedFrame.Describe(other.Received));
        _rig.RunRound();

        Assert.Equal(Texts, ReceivedFrame.Describe(_transport.Received));
        Assert.True(_isDisposed);
    }

    [Fact]
    public void It_waits_for_a_client_that_reads_slowly_and_never_overflows_its_queue()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();

        _rig.Loops.Replay(connection, Frames());
        for (var i = 0; i < 1000; i++)
        {
            _rig.RunRound();
            Assert.InRange(connection.QueuedBytes, 0, 2000);
            _transport.PeerReads(700);
        }

        Assert.Equal(Texts, ReceivedFrame.Describe(_transport.Received));
        Assert.Null(connection.CloseReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_given_up_with_its_connection_or_for_another_one(bool isCut)
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        _rig.Loops.Replay(connection, Frames());
        _rig.RunRound();
        Assert.False(_isDisposed);

        if (isCut)
        {
            _rig.Cut(connection);
        }
        else
        {
            _rig.Loops.Replay(connection, ((IEnumerable<ReadOnlyMemory<byte>>)[]).GetEnumerator());
            _rig.RunRound();
        }

        Assert.True(_isDisposed);
    }

    [Fact]
    public void A_connection_that_has_ended_gets_none()
    {
        var connection = _rig.Open(_transport);
        _rig.Cut(connection);

        _rig.Loops.Replay(connection, Frames());
        _rig.RunRound();

        Assert.Empty(_transport.Received);
        Assert.Equal(ConnectionState.Ended, connection.State);
    }

    private IEnumerator<ReadOnlyMemory<byte>> Frames()
    {
        try
        {
            foreach (var text in Texts)
            {
                yield return FanoutRig.Frame(text);
            }
        }
        finally
        {
            _isDisposed = true;
        }
    }
}
