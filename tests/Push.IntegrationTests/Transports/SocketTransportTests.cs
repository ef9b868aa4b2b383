using System.Net.Sockets;
using Push.Contracts;
using Push.Edge.Transports;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.IntegrationTests.Transports;

/// <summary>With real sockets over loopback.</summary>
public sealed class SocketTransportTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _deadline = new(Deadline);
    private readonly FanoutRig _rig = new(edge: options => options.SendQueueBytes = 16 * 1024 * 1024);

    public async ValueTask DisposeAsync()
    {
        _deadline.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_pauses_gets_every_byte_in_order()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var connection = _rig.Open(new SocketTransport(pair.Socket));
        var texts = Enumerable.Range(0, 600).Select(i => $"{i}:".PadRight((i * 37) % 12_000, '.')).ToArray();

        foreach (var text in texts)
        {
            Assert.True(_rig.Send(connection, text));
        }

        Assert.NotEqual(0, connection.QueuedBytes);
        connection.Close(CloseReason.Draining);
        var length = texts.Sum(text => Push.Edge.Transports.WebSockets.ServerFrame.Length(text.Length)) + 4 + CloseReason.Draining.Text.Length;
        Assert.Equal([.. texts, "close 1001"], ReceivedFrame.Describe(await pair.ReadAsync(count => count == length, _deadline.Token)));
    }

    [Fact]
    public async Task A_write_is_partial_where_the_kernel_is_full_and_never_fails_for_it()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var transport = new SocketTransport(pair.Socket);
        var sent = 0;
        var bytes = Enumerable.Range(0, 50_000).Select(i => (byte)(i * 31)).ToArray();
        int taken;

        do
        {
            Assert.True(transport.TryWrite(bytes.AsSpan(sent % bytes.Length), out taken));
            sent += taken;
        }
        while (taken > 0);

        var received = await pair.ReadAsync(count => count == sent, _deadline.Token);
        Assert.All(received.Index(), entry => Assert.Equal(bytes[entry.Index % bytes.Length], entry.Item));
        Assert.True(transport.TryWrite([1], out taken));
        Assert.Equal(1, taken);
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_closed_then_cut_and_pins_little()
    {
        await using var rig = new FanoutRig();
        using var stalled = await SocketPair.CreateAsync(_deadline.Token);
        using var reading = await SocketPair.CreateAsync(_deadline.Token);
        var slow = rig.Open(new SocketTransport(stalled.Socket), "room");
        rig.Open(new SocketTransport(reading.Socket), "room");
        var text = new string('x', 8000);
        var sent = 0;

        while (slow.CloseReason is null)
        {
            rig.Publish(RoomKey.Room("room"), text);
            rig.RunTurns();
            await reading.ReadAsync(count => count == 8004, _deadline.Token);
            sent += 8004;
        }

        Assert.Equal(CloseReason.SlowConsumer, slow.CloseReason);
        Assert.InRange(sent, 64 * 1024, 256 * 1024);
        rig.Time.Advance(IConnectionTransport.FlushTimeout);
        Assert.True(slow.IsEnded);
        await Assert.ThrowsAsync<SocketException>(() => stalled.ReadAsync(_ => false, _deadline.Token));
        rig.Connections.Remove(slow);
        await UntilReturnedAsync(rig);
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_noticed_by_a_write()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var connection = _rig.Open(new SocketTransport(pair.Socket));
        pair.Client.Close(0);

        while (_rig.Send(connection, "hello"))
        {
            await Task.Yield();
            _deadline.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
    }

    [Fact]
    public async Task A_closed_socket_means_that_the_peer_is_gone()
    {
        using var pair = await SocketPair.CreateAsync(_deadline.Token);
        var transport = new SocketTransport(pair.Socket);
        pair.Socket.Close();

        Assert.False(transport.TryWrite([1], out _));
        Assert.False(await transport.WriteAsync(new byte[] { 1 }));
    }

    /// <summary>The drain sees the cut socket on another thread.</summary>
    private async Task UntilReturnedAsync(FanoutRig rig)
    {
        while (rig.Pool.Outstanding > 0)
        {
            Assert.False(_deadline.IsCancellationRequested, "Waited in vain for the drain to let go of its batch.");
            await Task.Yield();
        }
    }
}
