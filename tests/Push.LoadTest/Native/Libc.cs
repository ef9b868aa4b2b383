using System.Runtime.InteropServices;

namespace Push.LoadTest.Native;

/// <summary>The Linux system calls that the generator makes itself: with thousands of sockets on one thread, <c>epoll</c> costs a fraction of what the runtime's sockets do.</summary>
internal static partial class Libc
{
    public const int EAgain = 11;
    public const int EInProgress = 115;

    public const int SockNonBlockingCloseOnExec = 0x800 | 0x80000;
    public const int MsgNoSignal = 0x4000;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, in SocketAddressIn address, int length);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, in SocketAddressIn address, int length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int socket, nint address, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int socket, int level, int name, in int value, int length);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int socket, int level, int name, out int value, ref int length);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, ref byte buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, ref byte buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int poller, int operation, int descriptor, ref byte eventRecord);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int poller, ref byte events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "clock_nanosleep")]
    public static partial int ClockSleep(int clock, int flags, in TimeSpec until, nint remaining);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary><c>struct sockaddr_in</c>; port and address in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SocketAddressIn
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
