using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Push.LoadTest.Native;

/// <summary>Level-triggered <c>epoll</c>. Each socket is added with a number of the caller's that comes back with its events.</summary>
internal sealed class Poller : IDisposable
{
    public const uint Readable = 0x001;
    public const uint Writable = 0x004;

    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;
    private const int CloseOnExec = 0x80000;
    private const int Capacity = 1024;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int NumberOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = NumberOffset + 8;

    private readonly byte[] _events = new byte[Capacity * EventSize];
    private readonly int _poller;

    public Poller()
    {
        _poller = Libc.EpollCreate(CloseOnExec);
        if (_poller < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public void Watch(RawSocket socket, uint events, int number) => Control(Add, socket, events, number);

    public void Change(RawSocket socket, uint events, int number) => Control(Modify, socket, events, number);

    public void Forget(RawSocket socket) => Control(Delete, socket, 0, 0);

    /// <summary>Waits for events, at most <paramref name="timeoutMilliseconds"/>; returns how many there are.</summary>
    public int Wait(int timeoutMilliseconds)
    {
        // Interrupted by a signal: the same as nothing within the time.
        return Math.Max(0, Libc.EpollWait(_poller, ref _events[0], Capacity, timeoutMilliseconds));
    }

    /// <summary>The number that the socket of event <paramref name="index"/> was added with, and what happened; errors show as readable.</summary>
    public int Event(int index, out bool writable)
    {
        var record = _events.AsSpan(index * EventSize, EventSize);
        writable = (BinaryPrimitives.ReadUInt32LittleEndian(record) & Writable) != 0;
        return BinaryPrimitives.ReadInt32LittleEndian(record[NumberOffset..]);
    }

    public void Dispose() => _ = Libc.Close(_poller);

    private void Control(int operation, RawSocket socket, uint events, int number)
    {
        Span<byte> record = stackalloc byte[EventSize];
        record.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, events);
        BinaryPrimitives.WriteInt32LittleEndian(record[NumberOffset..], number);
        if (Libc.EpollControl(_poller, operation, socket.Descriptor, ref record[0]) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }
}
