using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Transports.WebSockets;
using Push.Edge.Transports;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Connections;

public sealed class ConnectionTests : IAsyncDisposable
{
    private readonly FanoutRig _rig = new();
    private readonly ScriptedTransport _transport = new();

    private List<string> Received => ReceivedFrame.Describe(_transport.Received);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void A_batch_goes_straight_to_the_transport()
    {
        var connection = _rig.Open(_transport);

        Assert.True(FanoutRig.Send(connection, "one", "two"));

        Assert.Equal(["one", "two"], Received);
        Assert.Equal(0, connection.QueuedBytes);
    }

    [Fact]
    public void The_response_comes_before_all_else()
    {
        var connection = new Connection(FanoutRig.Session(), [], FrameForm.Plain, loop: 0, _rig.Terms);

        connection.Start(_transport, "HTTP/1.1 101\r\n\r\n"u8);
        FanoutRig.Send(connection, "hello");

        Assert.StartsWith("HTTP/1.1 101\r\n\r\n", System.Text.Encoding.Latin1.GetString(_transport.Received), StringComparison.Ordinal);
        Assert.Equal(["hello"], ReceivedFrame.Describe(_transport.Received.AsSpan(16)));
    }

    [Fact]
    public void A_transport_that_does_not_take_the_response_head_is_cut()
    {
        var connection = new Connection(FanoutRig.Session(), [], FrameForm.Plain, loop: 0, _rig.Terms);
        _transport.PeerStalls();

        connection.Start(_transport, "head"u8);

        Assert.True(connection.IsEnded);
        connection.EndTransport();
        Assert.Equal(1, _transport.Aborts);
    }

    [Fact]
    public void The_rest_of_a_partial_write_follows_before_anything_else()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        _transport.PeerReads(3);

        FanoutRig.Send(connection, "first");
        FanoutRig.Send(connection, "second");
        connection.SendControl(ClientFrameHeader.Pong, []);
        Assert.Equal(3, _transport.Received.Length);
        _transport.PeerReads();
        FanoutRig.Send(connection, "third");

        Assert.Equal(["first", "second", "pong", "third"], Received);
        Assert.Equal(0, connection.QueuedBytes);
    }

    [Fact]
    public void A_slow_consumer_is_closed_behind_the_frames_that_are_partly_out()
    {
        var connection = _rig.Open(_transport);
        var text = new string('x', 4000);
        _transport.PeerStalls();
        _transport.PeerReads(2);

        var sent = 0;
        while (FanoutRig.Send(connection, text))
        {
            sent++;
        }

        Assert.InRange(sent * 4000, 64 * 1024 - 4000, 64 * 1024 + 4000);
        Assert.InRange(connection.QueuedBytes, 1, 5000);
        _transport.PeerReads();
        Assert.Equal([text, "close 4101"], Received);
        Assert.Equal(CloseReason.SlowConsumer, connection.CloseReason);
    }

    [Fact]
    public void A_peer_that_collects_pongs_without_reading_is_a_slow_consumer()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();

        for (var i = 0; i < 1100; i++)
        {
            connection.SendControl(ClientFrameHeader.Pong, []);
        }

        Assert.Equal(CloseReason.SlowConsumer, connection.CloseReason);
        Assert.InRange(connection.QueuedBytes, 1, 200);
    }

    [Fact]
    public void Room_is_awaited_only_while_something_waits()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        FanoutRig.Send(connection, "first");
        Assert.True(_transport.AwaitsRoom);
        _transport.PeerReads();
        Assert.False(_transport.AwaitsRoom);

        // A slow consumer's queue is discarded, and its close frame goes out at once where the peer has made room meanwhile.
        _transport.PeerStalls();
        while (FanoutRig.Send(connection, new string('x', 4000)))
        {
            _transport.HasRoom = null;
            if (connection.QueuedBytes >= 64 * 1024)
            {
                _transport.PeerReads();
            }
        }

        connection.Flush();
        Assert.False(_transport.AwaitsRoom);
        Assert.Equal(["first", "close 4101"], Received);
    }

    [Fact]
    public void A_peer_that_never_reads_its_close_frame_is_cut()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        FanoutRig.Send(connection, "unread");
        connection.Close(CloseReason.HeartbeatTimeout);

        Advance(IConnectionTransport.FlushTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Equal((0, 0), Ended());
        Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((0, 1), Ended());
        Assert.True(connection.IsEnded);
        Assert.Equal(0, connection.QueuedBytes);
        Assert.Equal(CloseReason.HeartbeatTimeout, connection.CloseReason);
    }

    [Fact]
    public void A_peer_that_does_not_answer_its_close_frame_is_waited_for_no_longer()
    {
        var connection = _rig.Open(_transport);
        connection.Close(CloseReason.HeartbeatTimeout);

        Advance(ConnectionTerms.LingerTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(connection.IsEnded);
        Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((1, 0), Ended());
        Assert.True(connection.IsEnded);
    }

    [Fact]
    public void The_peers_answer_ends_it_in_good_order()
    {
        var connection = _rig.Open(_transport);
        connection.Close(CloseReason.HeartbeatTimeout);

        connection.CloseReceived(CloseReason.Normal);
        Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((1, 0), Ended());
        Assert.Equal(["close 4201"], Received);
    }

    [Fact]
    public void The_peers_close_frame_is_answered_and_ends_it_without_waiting()
    {
        var connection = _rig.Open(_transport);

        connection.CloseReceived(new CloseReason(1001, ""));

        Assert.Equal(["close 1001"], Received);
        Assert.Equal((1, 0), Ended());
    }

    [Fact]
    public void The_answer_to_the_peer_waits_behind_what_is_queued()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        FanoutRig.Send(connection, "queued");

        connection.CloseReceived(CloseReason.Normal);
        Assert.False(connection.IsEnded);
        _transport.PeerReads();

        Assert.Equal(["queued", "close 1000"], Received);
        Assert.Equal((1, 0), Ended());
    }

    [Fact]
    public void The_first_reason_stands_and_only_one_close_frame_is_sent()
    {
        var connection = _rig.Open(_transport);

        connection.Close(CloseReason.HeartbeatTimeout);
        connection.Close(CloseReason.Draining);
        Assert.False(FanoutRig.Send(connection, "too late"));
        connection.SendControl(ClientFrameHeader.Ping, []);
        connection.CloseReceived(CloseReason.Normal);
        connection.CloseReceived(CloseReason.Normal);
        connection.Abort();
        _rig.Cut(connection);

        Assert.Equal(["close 4201"], Received);
        Assert.Equal(CloseReason.HeartbeatTimeout, connection.CloseReason);
        Assert.Equal((1, 0), Ended());
    }

    [Fact]
    public void Only_so_many_linger_at_a_time()
    {
        for (var i = 0; i < ConnectionTerms.MaxLingering; i++)
        {
            _rig.Open(new ScriptedTransport()).Close(CloseReason.ProtocolError);
        }

        var connection = _rig.Open(_transport);
        connection.Close(CloseReason.ProtocolError);
        Assert.Equal((1, 0), Ended());
        Assert.Equal(["close 1002"], Received);

        Advance(ConnectionTerms.LingerTimeout);
        var next = _rig.Open(new ScriptedTransport());
        next.Close(CloseReason.ProtocolError);
        Assert.False(next.IsEnded);
    }

    [Fact]
    public void A_peer_that_is_gone_costs_its_connection()
    {
        var connection = _rig.Open(_transport);
        _transport.IsGone = true;

        Assert.False(FanoutRig.Send(connection, "lost"));

        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
        Assert.Equal((0, 1), Ended());
    }

    [Fact]
    public void A_fault_of_the_transport_costs_its_connection_alone()
    {
        var connection = _rig.Open(_transport, "room");
        var healthy = new ScriptedTransport();
        _rig.Open(healthy, "room");
        _transport.Fault = new InvalidCastException("a fault");

        _rig.Publish(RoomKey.Room("room"), "hello");
        _rig.RunRound();

        Assert.True(connection.IsEnded);
        Assert.Equal(["hello"], ReceivedFrame.Describe(healthy.Received));
    }

    [Fact]
    public void Removing_it_returns_what_waits_for_it()
    {
        var connection = _rig.Open(_transport);
        _transport.PeerStalls();
        FanoutRig.Send(connection, "one");
        FanoutRig.Send(connection, "two");

        _rig.Cut(connection);

        Assert.Equal(0, connection.QueuedBytes);
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
        Assert.Equal((0, 1), Ended());
    }

    [Fact]
    public void Ids_are_short_and_random()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => _rig.Open(new ScriptedTransport()).Id.ToString()).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(1000, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[A-Za-z0-9_-]{16}$", id));
        Assert.All(ids, id => Assert.True(ConnectionId.TryParse(id, out var parsed) && parsed.ToString() == id));
        Assert.All((string[])["", "short", new string('a', 17), "!!!!!!!!!!!!!!!!"], text => Assert.False(ConnectionId.TryParse(text, out _)));
    }

    /// <summary>How the transport was ended, once the loop has forgotten the connection.</summary>
    private (int Ends, int Aborts) Ended()
    {
        _rig.Loop.ForgetEnded();
        return (_transport.Ends, _transport.Aborts);
    }

    private void Advance(TimeSpan time)
    {
        _rig.Time.Advance(time);
        _rig.RunRound();
    }
}
