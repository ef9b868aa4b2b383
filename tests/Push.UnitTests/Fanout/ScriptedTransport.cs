using System.Buffers;
using Push.Edge.Transports;

namespace Push.UnitTests.Fanout;

/// <summary>A transport and its peer: takes as many bytes as the peer has room for, and tells what it was made to do.</summary>
internal sealed class ScriptedTransport : IConnectionTransport
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _received = new();
    private long _room = long.MaxValue;

    public int Ends { get; private set; }

    public int Aborts { get; private set; }

    /// <summary>The loop wants to be told that there is room.</summary>
    public bool AwaitsRoom { get; private set; }

    /// <summary>The peer has gone: writes say so.</summary>
    public bool IsGone { get; set; }

    /// <summary>A fault of the transport itself.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What the loop does when there is room again.</summary>
    public Action? HasRoom { get; set; }

    /// <summary>Happens with each write.</summary>
    public Action? Sending { get; set; }

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
        _room = bytes == long.MaxValue || _room == long.MaxValue ? long.MaxValue : _room + bytes;
        if (AwaitsRoom)
        {
            HasRoom?.Invoke();
        }
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        Sending?.Invoke();
        if (Fault is not null)
        {
            throw Fault;
        }

        lock (_gate)
        {
            if (IsGone || Ends + Aborts > 0)
            {
                return -1;
            }

            var taken = (int)Math.Min(bytes.Length, _room);
            _received.Write(bytes[..taken]);
            _room -= _room == long.MaxValue ? 0 : taken;
            return taken;
        }
    }

    public void AwaitRoom(bool awaits) => AwaitsRoom = awaits;

    public void End() => Ends++;

    public void Abort() => Aborts++;
}
