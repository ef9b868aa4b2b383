using System.Buffers;
using Push.Edge.Transports;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>A transport and its peer: takes as many bytes as the peer has room for, and tells what it was made to do.</summary>
internal sealed class ScriptedTransport : IConnectionTransport
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _received = new();
    private long _room = long.MaxValue;
    private ReadOnlyMemory<byte> _waiting;
    private TaskCompletionSource<bool>? _write;

    public int Ends { get; private set; }

    public int Aborts { get; private set; }

    /// <summary>The peer has gone: writes say so.</summary>
    public bool IsGone { get; set; }

    /// <summary>A fault of the transport itself.</summary>
    public Exception? Fault { get; set; }

    public byte[] Received
    {
        get
        {
            lock (_gate)
            {
                return _received.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>From now on the peer takes only what <see cref="PeerReads"/> allows.</summary>
    public void PeerStalls() => _room = 0;

    /// <summary>The peer takes so many bytes more.</summary>
    public void PeerReads(long bytes = long.MaxValue)
    {
        TaskCompletionSource<bool>? done = null;
        lock (_gate)
        {
            _room = bytes == long.MaxValue || _room == long.MaxValue ? long.MaxValue : _room + bytes;
            _waiting = _waiting[Take(_waiting.Span)..];
            if (_waiting.IsEmpty)
            {
                (done, _write) = (_write, null);
            }
        }

        done?.SetResult(true);
    }

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        if (Fault is not null)
        {
            throw Fault;
        }

        lock (_gate)
        {
            Assert.Null(_write);
            taken = IsGone ? 0 : Take(bytes);
            return !IsGone;
        }
    }

    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            Assert.Null(_write);
            if (IsGone || Aborts > 0)
            {
                return ValueTask.FromResult(false);
            }

            _waiting = bytes[Take(bytes.Span)..];
            if (_waiting.IsEmpty)
            {
                return ValueTask.FromResult(true);
            }

            // Continues in the call that completes it, so that a test sees the effects without waiting for them.
            _write = new TaskCompletionSource<bool>();
            return new ValueTask<bool>(_write.Task);
        }
    }

    public void End() => Ends++;

    public void Abort()
    {
        TaskCompletionSource<bool>? done;
        lock (_gate)
        {
            Aborts++;
            (done, _write) = (_write, null);
        }

        done?.SetResult(false);
    }

    private int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(bytes.Length, _room);
        _received.Write(bytes[..taken]);
        _room -= _room == long.MaxValue ? 0 : taken;
        return taken;
    }
}
