using System.Buffers;
using System.IO.Pipelines;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Transports;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class PipeTransportTests : IDuplexPipe, IAsyncDisposable
{
    private readonly FanoutRig _rig = new();
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
    private readonly Pipe _input = new();
    private readonly PipeTransport _transport;
    private int _aborts;

    public PipeTransportTests() => _transport = new PipeTransport(() => _aborts++, this);

    public PipeReader Input => _input.Reader;

    public PipeWriter Output => _output.Writer;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_peer_that_pauses_gets_every_byte_in_order()
    {
        var connection = Open(_transport);
        var texts = Enumerable.Range(0, 40).Select(i => $"{i}:".PadRight(1000, '.')).ToArray();
        foreach (var text in texts)
        {
            Assert.True(FanoutRig.Send(connection, text));
        }

        Assert.NotEqual(0, connection.QueuedBytes);
        connection.Close(CloseReason.Draining);

        Assert.Equal([.. texts, "close 1001"], ReceivedFrame.Describe(await ReadAsync((40 * 1004) + 12)));
        Assert.Equal(0, connection.QueuedBytes);
    }

    [Fact]
    public async Task What_is_sent_before_the_pipe_is_there_follows_the_servers_response()
    {
        var transport = new PipeTransport(() => _aborts++);
        var connection = Open(transport);
        Assert.True(FanoutRig.Send(connection, "early"));
        await Output.WriteAsync("head"u8.ToArray(), TestContext.Current.CancellationToken);

        transport.Begin(this);
        Assert.True(FanoutRig.Send(connection, "late"));

        Assert.Equal(["early", "late"], ReceivedFrame.Describe((await ReadAsync(4 + 7 + 6)).AsSpan(4)));
    }

    [Fact]
    public void A_full_pipe_takes_nothing_more()
    {
        Assert.Equal(5000, _transport.Send(new byte[5000]));

        Assert.Equal(0, _transport.Send([1]));
    }

    [Fact]
    public async Task A_reader_that_is_gone_is_noticed()
    {
        await _output.Reader.CompleteAsync();

        Assert.Equal(-1, _transport.Send([1]));
    }

    [Fact]
    public async Task A_reader_that_goes_while_the_pipe_is_full_is_noticed()
    {
        Assert.Equal(5000, _transport.Send(new byte[5000]));
        await _output.Reader.CompleteAsync();

        Assert.Equal(-1, _transport.Send([1]));
    }

    [Fact]
    public async Task A_pipe_that_the_server_has_completed_is_noticed()
    {
        await _output.Writer.CompleteAsync();

        Assert.Equal(-1, _transport.Send([1]));
    }

    [Fact]
    public async Task The_end_wakes_the_read_loop()
    {
        var read = Input.ReadAsync(TestContext.Current.CancellationToken);

        _transport.End();

        Assert.True((await read).IsCanceled);
        Assert.True(_transport.Ended.IsCompleted);
        Assert.Equal(0, _aborts);
        Assert.Equal(-1, _transport.Send([1]));
    }

    [Fact]
    public void A_request_that_has_ended_is_aborted_without_a_word()
    {
        var transport = new PipeTransport(() => throw new ObjectDisposedException("IFeatureCollection"), this);

        transport.Abort();

        Assert.True(transport.Ended.IsCompleted);
    }

    [Fact]
    public async Task It_settles_once_the_pipe_has_taken_the_last_write()
    {
        Assert.Equal(5000, _transport.Send(new byte[5000]));
        _transport.End();

        var settling = _transport.SettleAsync();
        Assert.False(settling.IsCompleted);
        Assert.Equal(5000, (await ReadAsync(5000)).Length);

        await settling.WithinAsync(TimeSpan.FromSeconds(60), "it settles");
        Assert.Equal(0, _aborts);
    }

    private Connection Open(PipeTransport transport)
    {
        var connection = _rig.Open(transport);
        transport.HasRoom = connection.Flush;
        return connection;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var received = new List<byte>();
        while (received.Count < count)
        {
            var result = await _output.Reader.ReadAsync(TestContext.Current.CancellationToken);
            received.AddRange([.. result.Buffer.ToArray()]);
            _output.Reader.AdvanceTo(result.Buffer.End);
        }

        return [.. received];
    }
}
