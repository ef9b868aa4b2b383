using System.Runtime.InteropServices;

namespace Push.Edge.Transports.Sockets;

/// <summary>Waits for sockets and for mail with epoll. A key of the caller's comes back with each event.</summary>
internal sealed unsafe class EpollPoller : IPoller
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint PeerClosed = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    /// <summary>The key of <see cref="Wake"/>'s events. They need no answer.</summary>
    public const ulong WakeKey = 0;

    private const int Capacity = 512;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int KeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int RecordSize = KeyOffset + 8;

    private readonly int _descriptor = Libc.Check(Libc.EpollCreate(0x80000));
    private readonly int _wake = Libc.Check(Libc.EventDescriptor(0, Libc.NonBlockingCloseOnExec));
    private readonly byte* _records = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * RecordSize));

    private bool _isDisposed;

    // Edge-triggered: each write is reported once, and nobody needs to read it.
    public EpollPoller() => Add(_wake, In | EdgeTriggered, WakeKey);

    public void Add(int descriptor, uint events, ulong key) => Control(1, descriptor, events, key);

    public void Modify(int descriptor, uint events, ulong key) => Control(3, descriptor, events, key);

    public void Remove(int descriptor) => Control(2, descriptor, 0, 0);

    public int Wait(int milliseconds)
    {
        var count = Libc.EpollWait(_descriptor, _records, Capacity, milliseconds);
        return count >= 0 || Libc.LastError == Libc.EIntr ? Math.Max(0, count) : Libc.Check(count);
    }

    public (ulong Key, uint Events) Event(int index)
    {
        var record = _records + (index * RecordSize);
        return (*(ulong*)(record + KeyOffset), *(uint*)record);
    }

    public void Wake()
    {
        ulong one = 1;
        Libc.Write(_wake, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return; // closing a number twice could close somebody else's descriptor
        }

        _isDisposed = true;
        Libc.Close(_wake);
        Libc.Close(_descriptor);
        NativeMemory.Free(_records);
    }

    private void Control(int operation, int descriptor, uint events, ulong key)
    {
        var record = stackalloc byte[16];
        *(uint*)record = events;
        *(ulong*)(record + KeyOffset) = key;
        Libc.Check(Libc.EpollControl(_descriptor, operation, descriptor, record));
    }
}
