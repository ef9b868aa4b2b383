using Push.LoadTest.Native;

namespace Push.LoadTest.Subscribing;

/// <summary>One WebSocket of the generator.</summary>
internal sealed class SubscriberConnection(int index, int room, string roomName, bool stalling)
{
    private byte[] _rest = [];
    private int _restLength;

    /// <summary>Its place in the loop and in the ledger; a replacement inherits it.</summary>
    public int Index => index;

    /// <summary>The number of its room.</summary>
    public int Room => room;

    public string RoomName => roomName;

    /// <summary>Stops reading when told, and is left out of all counts.</summary>
    public bool Stalling => stalling;

    public SubscriberState State { get; set; }

    public RawSocket Socket { get; set; }

    /// <summary>When its connect began.</summary>
    public long StartedAt { get; set; }

    /// <summary>Code of the server's close frame, if one has come.</summary>
    public int CloseCode { get; set; }

    /// <summary>Of a protocol that is a stream inside frames: what is still to come of the frame at hand.</summary>
    public long FrameRemaining { get; set; }

    /// <summary>Of the same: the beginning of a message that the next frame ends.</summary>
    public byte[] Partial { get; set; } = [];

    /// <summary>Puts what was left over the last time at the beginning of <paramref name="buffer"/>; returns its length.</summary>
    public int TakeRest(Span<byte> buffer)
    {
        _rest.AsSpan(0, _restLength).CopyTo(buffer);
        return _restLength;
    }

    /// <summary>Keeps the beginning of a frame until the rest of it comes.</summary>
    public void KeepRest(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > _rest.Length)
        {
            _rest = new byte[Math.Max(rest.Length, 256)];
        }

        rest.CopyTo(_rest);
        _restLength = rest.Length;
    }
}

internal enum SubscriberState
{
    Connecting,

    /// <summary>The upgrade request is out.</summary>
    Upgrading,

    /// <summary>Upgraded; the subscription is not confirmed yet.</summary>
    Joining,

    Joined,

    Closed,
}
