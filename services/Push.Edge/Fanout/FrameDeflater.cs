using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace Push.Edge.Fanout;

/// <summary>
/// Compresses messages (RFC 7692, section 7.2.1), each by itself, so that one frame serves every connection. The framework's own
/// WebSocket does the work, over memory instead of a network. One caller at a time.
/// </summary>
internal sealed class FrameDeflater : IDisposable
{
    /// <summary>
    /// No reference reaches back further than 2^11 bytes: clients that have memory for no larger window (RFC 7692, section 7.1.2.1) are served by the same
    /// frame. Messages of 2 KiB lose nothing, and those of 32 KiB little.
    /// </summary>
    public const int WindowBits = 11;

    private readonly MemoryStream _frame = new();
    private readonly WebSocket _encoder;
    private readonly int _minBytes;

    public FrameDeflater(IOptions<CompressionOptions> options)
    {
        _minBytes = options.Value.Enabled ? options.Value.MinBytes : int.MaxValue;
        _encoder = WebSocket.CreateFromStream(_frame, new WebSocketCreationOptions
        {
            IsServer = true,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            DangerousDeflateOptions = new WebSocketDeflateOptions { ServerContextTakeover = false, ClientContextTakeover = false, ServerMaxWindowBits = WindowBits },
        });
    }

    /// <summary>False where the payload goes out as it is, whoever asks.</summary>
    public bool Compresses(int payloadLength) => payloadLength >= _minBytes;

    /// <summary>A whole compressed text frame, valid until the next call; empty where it is not smaller than the plain one.</summary>
    public ReadOnlySpan<byte> Deflate(ReadOnlyMemory<byte> payload)
    {
        _frame.SetLength(0);

        // Into memory: done when the call returns.
        _encoder.SendAsync(payload, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return _frame.Length < ServerFrame.Length(payload.Length) ? _frame.GetBuffer().AsSpan(0, (int)_frame.Length) : [];
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _frame.Dispose();
    }
}
