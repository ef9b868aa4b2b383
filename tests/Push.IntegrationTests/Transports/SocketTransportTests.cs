using System.Net.Sockets;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Transports;
using Push.Edge.Transports.Sockets;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.IntegrationTests.Transports;

/// <summary>With real sockets over loopback. The test is the loop's thread.</summary>
public sealed class SocketTransportTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _deadline = new(Deadline);
    private readonly FanoutRig _rig = new(edge: options => options.SendQueueBytes = 16 * 1024 * 1024);
    private readonly EpollPoller _poller = new();

    public async ValueTask DisposeAsync()
    {
        _deadline.Dispose();
        _poller.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_pauses_gets_every_byte_in_order()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var connection = _rig.Open(Transport(pair));
        var texts = Enumerable.Range(0, 600).Select(i => $"{i}:".PadRight((i * 37) % 12_000, '.')).ToArray();

        foreach (var text in texts)
        {
            Assert.True(FanoutRig.Send(connection, text));
        }

        Assert.NotEqual(0, connection.QueuedBytes);
        connection.Close(CloseReason.Draining);
        var length = texts.Sum(text => Push.Edge.Transports.WebSockets.ServerFrame.Length(text.Length)) + 4 + CloseReason.Draining.Text.Length;
        var reading = Task.Run(() => pair.ReadAsync(count => count == length, _deadline.Token), _deadline.Token);
        Serve(connection, () => !connection.IsWaiting);
        Assert.Equal([.. texts, "close 1001"], ReceivedFrame.Describe(await reading));
    }

    [Fact]
    public async Task A_write_is_partial_where_the_kernel_is_full_and_never_fails_for_it()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var transport = Transport(pair);
        var sent = 0;
        var bytes = Enumerable.Range(0, 50_000).Select(i => (byte)(i * 31)).ToArray();
        int taken;

        do
        {
            taken = transport.Send(bytes.AsSpan(sent % bytes.Length));
            Assert.InRange(taken, 0, bytes.Length);
            sent += taken;
        }
        while (taken > 0);

        var received = await pair.ReadAsync(count => count == sent, _deadline.Token);
        Assert.All(received.Index(), entry => Assert.Equal(bytes[entry.Index % bytes.Length], entry.Item));
        Assert.Equal(1, transport.Send([1]));
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_closed_then_cut_and_pins_little()
    {
        await using var rig = new FanoutRig();
        using var stalled = await SocketPair.CreateAsync(_deadline.Token);
        using var reading = await SocketPair.CreateAsync(_deadline.Token);
        var slow = rig.Open(Transport(stalled), "room");
        rig.Open(Transport(reading), "room");
        var text = new string('x', 8000);
        var sent = 0;

        while (slow.CloseReason is null)
        {
            rig.Publish(RoomKey.Room("room"), text);
            rig.RunRound();
            await reading.ReadAsync(count => count == 8004, _deadline.Token);
            sent += 8004;
        }

        Assert.Equal(CloseReason.SlowConsumer, slow.CloseReason);
        Assert.InRange(sent, 64 * 1024, 256 * 1024);
        rig.Time.Advance(IConnectionTransport.FlushTimeout);
        rig.RunRound();
        Assert.True(slow.IsEnded);
        await Assert.ThrowsAsync<SocketException>(() => stalled.ReadAsync(_ => false, _deadline.Token));
        Assert.Equal(0, rig.Loops.QueuedBytes);
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_noticed_by_a_write()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var connection = _rig.Open(Transport(pair));
        pair.Client.Close(0);

        while (FanoutRig.Send(connection, "hello"))
        {
            await Task.Yield();
            _deadline.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    // The descriptor is the transport's to close: it is taken away from the runtime's socket.
    private SocketTransport Transport(SocketPair pair) => new(_poller, pair.TakeDescriptor(), key: 1UL << 32);

    /// <summary>Flushes whenever the kernel has room, as a loop does.</summary>
    private void Serve(Connection connection, Func<bool> isDone)
    {
        while (!isDone())
        {
            _deadline.Token.ThrowIfCancellationRequested();
            if (_poller.Wait(100) > 0 && (_poller.Event(0).Events & EpollPoller.Out) != 0)
            {
                connection.Flush();
            }
        }
    }
}
