namespace Push.Edge.Transports.Sockets;

/// <summary>A socket of the loop's own: one system call a send, no copy, nothing allocated. The loop alone closes the descriptor.</summary>
/// <param name="poller">The loop's.</param>
/// <param name="descriptor">Connected.</param>
/// <param name="key">Comes back with each event of the socket.</param>
internal sealed unsafe class SocketTransport(EpollPoller poller, int descriptor, ulong key) : IConnectionTransport
{
    private const uint Reading = EpollPoller.In | EpollPoller.PeerClosed;

    private uint _watched;

    public int Descriptor => descriptor;

    public ulong Key => key;

    public int Prefetch() => descriptor;

    public int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var sent = (int)Libc.Send(descriptor, start, bytes.Length, Libc.MsgNoSignal | Libc.MsgDontWait);
            return sent >= 0 ? sent : Libc.LastError is Libc.EAgain or Libc.EIntr ? 0 : -1;
        }
    }

    /// <summary>What the kernel has, at most <paramref name="room"/> bytes: 0 at the end of the stream, -1 where there is nothing yet, -2 where the peer is gone.</summary>
    public int Receive(Span<byte> room, bool isPeek = false)
    {
        fixed (byte* start = room)
        {
            var count = (int)Libc.Receive(descriptor, start, room.Length, Libc.MsgDontWait | (isPeek ? Libc.MsgPeek : 0));
            return count >= 0 ? count : Libc.LastError is Libc.EAgain or Libc.EIntr ? -1 : -2;
        }
    }

    /// <summary>Drops bytes that have been looked at: the kernel does not copy them again.</summary>
    public void Skip(int count)
    {
        byte nothing;
        Libc.Receive(descriptor, &nothing, count, Libc.MsgTruncate | Libc.MsgDontWait);
    }

    /// <summary>Reports each arrival once: what is only looked at would otherwise be reported for ever.</summary>
    public void WatchArrivals() => Watch(Reading | EpollPoller.EdgeTriggered);

    public void WatchReading() => Watch(Reading);

    public void AwaitRoom(bool awaits) => Watch(awaits ? Reading | EpollPoller.Out : Reading);

    /// <summary>The descriptor lives on, as somebody else's.</summary>
    public void Forget()
    {
        if (_watched != 0)
        {
            poller.Remove(descriptor);
        }
    }

    // The poller forgets a closed descriptor by itself: nobody else holds it.
    public void End() => Libc.Close(descriptor);

    // Without lingering: the peer gets a reset, the kernel forgets what it holds.
    public void Abort()
    {
        var linger = stackalloc int[2] { 1, 0 };
        Libc.SetSocketOption(descriptor, level: 1, name: 13, linger, sizeof(int) * 2);
        Libc.Close(descriptor);
    }

    private void Watch(uint events)
    {
        if (_watched == events)
        {
            return;
        }

        if (_watched == 0)
        {
            poller.Add(descriptor, events, key);
        }
        else
        {
            poller.Modify(descriptor, events, key);
        }

        _watched = events;
    }
}
