using System.Buffers;
using System.IO.Pipelines;
using Push.Contracts;
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

    public PipeTransportTests() => _transport = new PipeTransport(this, () => _aborts++);

    public PipeReader Input => _input.Reader;

    public PipeWriter Output => _output.Writer;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_peer_that_pauses_gets_every_byte_in_order()
    {
        var connection = _rig.Open(_transport);
        var texts = Enumerable.Range(0, 40).Select(i => $"{i}:".PadRight(1000, '.')).ToArray();
        foreach (var text in texts)
        {
            Assert.True(_rig.Send(connection, text));
        }

        Assert.NotEqual(0, connection.QueuedBytes);
        connection.Close(CloseReason.Draining);
        var received = new List<byte>();
        while (received.Count < (40 * 1004) + 12)
        {
            var result = await _output.Reader.ReadAsync(TestContext.Current.CancellationToken);
            received.AddRange([.. result.Buffer.ToArray()]);
            _output.Reader.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal([.. texts, "close 1001"], ReceivedFrame.Describe(received.ToArray()));
        Assert.Equal(0, _rig.Pool.Outstanding);
    }

    [Fact]
    public void A_full_pipe_takes_nothing_more()
    {
        Assert.True(_transport.TryWrite(new byte[5000], out var taken));
        Assert.Equal(5000, taken);

        Assert.True(_transport.TryWrite([1], out taken));
        Assert.Equal(0, taken);
    }

    [Fact]
    public async Task A_reader_that_is_gone_is_noticed()
    {
        await _output.Reader.CompleteAsync();

        Assert.False(_transport.TryWrite([1], out _));
        Assert.False(await _transport.WriteAsync(new byte[] { 1 }));
    }

    [Fact]
    public async Task A_pipe_that_the_server_has_completed_is_noticed()
    {
        await _output.Writer.CompleteAsync();

        Assert.False(_transport.TryWrite([1], out _));
        Assert.False(await _transport.WriteAsync(new byte[] { 1 }));
    }

    [Fact]
    public async Task The_end_wakes_the_read_loop()
    {
        var read = Input.ReadAsync(TestContext.Current.CancellationToken);

        _transport.End();

        Assert.True((await read).IsCanceled);
        _transport.Abort();
        Assert.Equal(1, _aborts);
    }

    [Fact]
    public void A_request_that_has_ended_is_aborted_without_a_word()
    {
        var transport = new PipeTransport(this, () => throw new ObjectDisposedException("IFeatureCollection"));

        transport.Abort();
    }

    [Fact]
    public async Task It_settles_once_the_pipe_has_taken_the_last_write()
    {
        Assert.True(_transport.TryWrite(new byte[5000], out _));

        var settling = _transport.SettleAsync().AsTask();
        Assert.False(settling.IsCompleted);
        Assert.False(await WriteAfterAsync(settling));

        await settling.WithinAsync(TimeSpan.FromSeconds(60), "it settles");
        Assert.Equal(0, _aborts);
        Assert.False(_transport.TryWrite([1], out _));
    }

    // What was refused must not go out later.
    private async Task<bool> WriteAfterAsync(Task settling)
    {
        var late = _transport.WriteAsync(new byte[] { 1 }).AsTask();
        Assert.False(settling.IsCompleted);
        var result = await _output.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(5000, result.Buffer.Length);
        _output.Reader.AdvanceTo(result.Buffer.End);
        return await late;
    }
}
