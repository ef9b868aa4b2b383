using System.Buffers.Binary;
using System.Net.Sockets;

namespace Push.LoadTest.Subscribing;

/// <summary>Tells the publisher, a datagram a message, when all members here have it. For one room whose lanes have one message each on the way.</summary>
internal sealed class CompletionFeedback : IDisposable
{
    /// <summary>Lane, sequence.</summary>
    public const int DatagramBytes = 8;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _datagram = new byte[DatagramBytes];
    private readonly int[] _delivered;
    private readonly int _members;

    public CompletionFeedback(string path, int lanes, int members)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _delivered = new int[lanes];
        _members = members;
    }

    public void Delivered(int lane, int sequence)
    {
        if (++_delivered[lane] < _members)
        {
            return;
        }

        _delivered[lane] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(_datagram, lane);
        BinaryPrimitives.WriteInt32LittleEndian(_datagram.AsSpan(4), sequence);
        _socket.Send(_datagram);
    }

    public void Dispose() => _socket.Dispose();
}
