using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Options;
using Push.Edge.Transports.WebSockets;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class FrameDeflaterTests : IDisposable
{
    private readonly FrameDeflater _deflater = Create(enabled: true);

    public void Dispose() => _deflater.Dispose();

    [Fact]
    public void Any_text_comes_out_as_it_went_in() =>
        Gen.OneOf(Gen.String[0, 300], Gen.Select(Gen.String[1, 30], Gen.Int[1, 300]).Select((part, times) => string.Concat(Enumerable.Repeat(part, times)))).Sample(
            text =>
            {
                var payload = Encoding.UTF8.GetBytes(text);
                var frame = _deflater.Deflate(payload);
                if (frame.IsEmpty)
                {
                    return;
                }

                Assert.True(frame.Length < ServerFrame.Length(payload.Length));
                var received = Assert.Single(ReceivedFrame.ReadAll(frame));
                Assert.Equal((ServerFrame.Text, true), (received.Opcode, received.IsCompressed));
                Assert.Equal(payload, ReceivedFrame.Inflate(received.Payload));
            },
            threads: 1);

    [Fact]
    public void A_text_is_compressed_as_if_there_were_no_other()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100)));

        var first = _deflater.Deflate(text).ToArray();
        _deflater.Deflate("something else that is long enough to be compressed, compressed, compressed"u8.ToArray());

        Assert.NotEmpty(first);
        Assert.Equal(first, _deflater.Deflate(text).ToArray());
    }

    [Fact]
    public void What_does_not_shrink_has_no_compressed_form() => Assert.True(_deflater.Deflate(RandomNumberGenerator.GetBytes(500)).IsEmpty);

    [Fact]
    public async Task A_client_with_the_promised_window_can_read_it()
    {
        // Repeats itself within the window, and beyond it, where there must be no reference. Read in small pieces: what has been read is then in the
        // client's window, or nowhere.
        var part = Convert.ToHexString(RandomNumberGenerator.GetBytes(700));
        var text = part + part + Convert.ToHexString(RandomNumberGenerator.GetBytes(5000)) + part;
        var frame = _deflater.Deflate(Encoding.ASCII.GetBytes(text)).ToArray();
        using var client = WebSocket.CreateFromStream(new MemoryStream(frame), new WebSocketCreationOptions
        {
            DangerousDeflateOptions = new WebSocketDeflateOptions { ServerMaxWindowBits = FrameDeflater.WindowBits, ServerContextTakeover = false },
        });

        var received = new byte[text.Length];
        for (int length = 0, read = 1; length < received.Length && read > 0; length += read)
        {
            var piece = received.AsMemory(length, Math.Min(100, received.Length - length));
            read = (await client.ReceiveAsync(piece, TestContext.Current.CancellationToken)).Count;
        }

        Assert.Equal(text, Encoding.ASCII.GetString(received));
    }

    [Theory]
    [InlineData(true, 255, false)]
    [InlineData(true, 256, true)]
    [InlineData(false, 256, false)]
    [InlineData(false, 1_000_000, false)]
    public void Compression_is_for_messages_of_some_size_where_it_is_switched_on(bool enabled, int length, bool compresses)
    {
        using var deflater = Create(enabled);

        Assert.Equal(compresses, deflater.Compresses(length));
    }

    [Fact]
    public void It_is_off_by_default() => Assert.False(new CompressionOptions().Enabled);

    [Fact]
    public void Compressing_keeps_allocations_small()
    {
        var payload = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200)));
        for (var i = 0; i < 10; i++)
        {
            _deflater.Deflate(payload);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _deflater.Deflate(payload);
        }

        // The handle of the native state, which is new with each message.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 200);
    }

    private static FrameDeflater Create(bool enabled) => new(Options.Create(new CompressionOptions { Enabled = enabled }));
}
