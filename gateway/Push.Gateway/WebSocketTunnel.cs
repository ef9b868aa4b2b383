using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Push.Contracts;

namespace Push.Gateway;

/// <summary>
/// One WebSocket that passes through: the client's side of it, into which a close frame can be put between two frames of the service. What follows from the
/// service is dropped then; what follows from the client still arrives, so that its answer ends the connection in order.
/// </summary>
internal sealed class WebSocketTunnel(HttpContext context) : Stream, IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private static readonly byte[] CloseFrame = Frame(CloseReason.Draining);

    private readonly IHttpUpgradeFeature? _upgrade = context.Features.Get<IHttpUpgradeFeature>();
    private readonly IHttpExtendedConnectFeature? _connect = context.Features.Get<IHttpExtendedConnectFeature>();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _ending = new();
    private Stream? _client;
    private FrameWalk _frames;
    private bool _closes;
    private bool _isClosed;
    private bool _hasEnded;

    /// <summary>Has been told to close; used by the drain alone.</summary>
    public bool IsTold { get; set; }

    public bool IsUpgradableRequest => _upgrade is { IsUpgradableRequest: true };

    public bool IsExtendedConnect => _connect is { IsExtendedConnect: true };

    public string? Protocol => _connect?.Protocol;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public async Task<Stream> UpgradeAsync() => await BeginAsync(await _upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => await BeginAsync(await _connect!.AcceptAsync());

    /// <summary>Sends the client away at the next border of two frames, unless the service has done so.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _writing.WaitAsync(cancellationToken);
            try
            {
                _closes = true;
                await CloseAtBorderAsync(cancellationToken);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The client or the drain's time was gone first.
        }
    }

    /// <summary>Cuts the connection, if it is still there.</summary>
    public void Abort()
    {
        lock (_ending)
        {
            if (!_hasEnded)
            {
                context.Abort();
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _client!.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_isClosed)
            {
                return;
            }

            var length = _frames.Pass(buffer.Span, toBorder: _closes);
            await _client!.WriteAsync(buffer[..length], cancellationToken);
            await CloseAtBorderAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _client!.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_ending)
        {
            _hasEnded = true;
        }

        _client?.Dispose();
        base.Dispose(disposing);
    }

    private async Task<Stream> BeginAsync(Stream client)
    {
        await _writing.WaitAsync();
        try
        {
            _client = client;
            await CloseAtBorderAsync(CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }

        return this;
    }

    private async ValueTask CloseAtBorderAsync(CancellationToken cancellationToken)
    {
        if (_closes && !_isClosed && _client is not null && _frames is { IsAtBorder: true, HasClose: false })
        {
            _isClosed = true;
            await _client.WriteAsync(CloseFrame, cancellationToken);
            await _client.FlushAsync(cancellationToken);
        }
    }

    private static byte[] Frame(CloseReason reason)
    {
        var text = Encoding.UTF8.GetBytes(reason.Text);
        return [0x88, (byte)(text.Length + 2), (byte)(reason.Code >> 8), (byte)reason.Code, .. text];
    }
}

/// <summary>Follows the borders of WebSocket frames (RFC 6455, section 5.2) in a stream that comes in pieces.</summary>
internal struct FrameWalk
{
    private const int CloseOpcode = 8;

    private int _opcode;
    private int _seen;
    private int _headerLength;
    private int _lengthEnd;
    private long _length;
    private long _left;

    /// <summary>Everything passed so far is whole frames.</summary>
    public readonly bool IsAtBorder => _left == 0 && _seen == 0;

    /// <summary>A close frame has begun to pass.</summary>
    public bool HasClose { get; private set; }

    /// <summary>Passes bytes: all of them, or those up to the next border.</summary>
    /// <returns>How many have passed.</returns>
    public int Pass(ReadOnlySpan<byte> bytes, bool toBorder)
    {
        var at = 0;
        while (at < bytes.Length && !(toBorder && at > 0 && IsAtBorder))
        {
            if (_left > 0)
            {
                var part = (int)Math.Min(_left, bytes.Length - at);
                at += part;
                _left -= part;
            }
            else
            {
                PassHeader(bytes[at++]);
            }
        }

        return at;
    }

    private void PassHeader(byte value)
    {
        _seen++;
        if (_seen == 1)
        {
            _opcode = value & 0xF;
        }
        else if (_seen == 2)
        {
            var length = value & 0x7F;
            _length = length < 126 ? length : 0;
            _lengthEnd = length switch { 126 => 4, 127 => 10, _ => 2 };
            _headerLength = _lengthEnd + ((value & 0x80) != 0 ? 4 : 0);
        }
        else if (_seen <= _lengthEnd)
        {
            _length = (_length << 8) | value;
        }

        if (_seen >= 2 && _seen == _headerLength)
        {
            HasClose |= _opcode == CloseOpcode;
            (_left, _seen) = (_length, 0);
        }
    }
}
