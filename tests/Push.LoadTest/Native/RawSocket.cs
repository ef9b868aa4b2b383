using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Push.LoadTest.Native;

/// <summary>A non-blocking IPv4 TCP socket as a bare descriptor. Used by one thread; nobody else holds the number.</summary>
internal readonly record struct RawSocket(int Descriptor)
{
    private const int InterNetwork = 2;
    private const int Stream = 1;
    private const int SolSocket = 1;
    private const int SoReuseAddress = 2;
    private const int SoError = 4;
    private const int SoReceiveBuffer = 8;
    private const int SoLinger = 13;
    private const int IpProtocol = 0;
    private const int IpBindAddressNoPort = 24;
    private const int TcpProtocol = 6;
    private const int TcpNoDelay = 1;

    /// <summary>Begins a connect; its end shows as writable. <paramref name="source"/> gives the process port numbers of its own.</summary>
    public static RawSocket Connect(IPEndPoint target, IPAddress? source, int receiveBufferBytes)
    {
        var socket = Open();
        if (receiveBufferBytes > 0)
        {
            socket.Set(SolSocket, SoReceiveBuffer, receiveBufferBytes);
        }

        if (source is not null)
        {
            // The port is chosen at connect, where it only has to be unique together with the target.
            socket.Set(IpProtocol, IpBindAddressNoPort, 1);
            Check(Libc.Bind(socket.Descriptor, Address(new IPEndPoint(source, 0)), Unsafe.SizeOf<Libc.SocketAddressIn>()));
        }

        if (Libc.Connect(socket.Descriptor, Address(target), Unsafe.SizeOf<Libc.SocketAddressIn>()) < 0
            && Marshal.GetLastPInvokeError() != Libc.EInProgress)
        {
            var error = Marshal.GetLastPInvokeError();
            socket.Close();
            throw new Win32Exception(error);
        }

        return socket;
    }

    public static RawSocket Listen(IPEndPoint endPoint, int backlog)
    {
        var socket = Open();
        socket.Set(SolSocket, SoReuseAddress, 1);
        Check(Libc.Bind(socket.Descriptor, Address(endPoint), Unsafe.SizeOf<Libc.SocketAddressIn>()));
        Check(Libc.Listen(socket.Descriptor, backlog));
        return socket;
    }

    /// <summary>False when nobody is waiting, or when the process may open no further file.</summary>
    public bool TryAccept(out RawSocket accepted)
    {
        accepted = new RawSocket(Libc.Accept(Descriptor, 0, 0, Libc.SockNonBlockingCloseOnExec));
        if (accepted.Descriptor < 0)
        {
            return false;
        }

        accepted.Set(TcpProtocol, TcpNoDelay, 1);
        return true;
    }

    /// <summary>The peer will get a reset instead of an end, and what it has sent is dropped.</summary>
    public void ResetOnClose()
    {
        ReadOnlySpan<int> lingerFor0Seconds = [1, 0];
        Check(Libc.SetSocketOption(Descriptor, SolSocket, SoLinger, in lingerFor0Seconds[0], sizeof(int) * lingerFor0Seconds.Length));
    }

    /// <summary>How the connect ended: 0 or an error number.</summary>
    public int ConnectError()
    {
        var length = sizeof(int);
        return Libc.GetSocketOption(Descriptor, SolSocket, SoError, out var error, ref length) < 0 ? Marshal.GetLastPInvokeError() : error;
    }

    /// <summary>Bytes read; 0 at the end of the stream; -1 when there is nothing to read now; less when the connection broke.</summary>
    public int Receive(Span<byte> buffer)
    {
        var count = (int)Libc.Receive(Descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0);
        return count >= 0 ? count : Failure();
    }

    /// <summary>Bytes taken; -1 when none fit now; less when the connection broke.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Libc.Send(Descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, Libc.MsgNoSignal);
        return count >= 0 ? count : Failure();
    }

    public void Close() => _ = Libc.Close(Descriptor);

    private static RawSocket Open()
    {
        var socket = new RawSocket(Check(Libc.Socket(InterNetwork, Stream | Libc.SockNonBlockingCloseOnExec, 0)));
        socket.Set(TcpProtocol, TcpNoDelay, 1);
        return socket;
    }

    private static int Failure() => Marshal.GetLastPInvokeError() == Libc.EAgain ? -1 : -2;

    private void Set(int level, int name, int value) => Check(Libc.SetSocketOption(Descriptor, level, name, value, sizeof(int)));

    private static Libc.SocketAddressIn Address(IPEndPoint endPoint) => new()
    {
        Family = InterNetwork,
        Port = BinaryPrimitives.ReverseEndianness((ushort)endPoint.Port),
        Address = MemoryMarshal.Read<uint>(endPoint.Address.GetAddressBytes()),
    };

    private static int Check(int result) => result < 0 ? throw new Win32Exception(Marshal.GetLastPInvokeError()) : result;
}
