using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Push.LoadTest.Native;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Baseline;

internal sealed partial class BaselineServer
{
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly HashSet<BaselineRoom> _pending = [];
    private readonly byte[] _publications = new byte[256 * 1024];
    private RawSocket _publisher;
    private int _publicationBytes;

    private void AcceptPublisher()
    {
        while (_publishers.TryAccept(out var socket))
        {
            if (_publisher.Descriptor > 0)
            {
                _publisher.Close();
            }

            _publisher = socket;
            _publicationBytes = 0;
            _poller.Watch(socket, Poller.Readable, Publisher);
        }
    }

    private void ReadPublications()
    {
        var count = _publisher.Receive(_publications.AsSpan(_publicationBytes));
        if (count is 0 or < -1)
        {
            _publisher.Close();
            _publisher = default;
            return;
        }

        _publicationBytes += Math.Max(0, count);
        var bytes = _publications.AsMemory(0, _publicationBytes);
        while (NatsPublication.TryTake(ref bytes, out var name, out var message))
        {
            if (!name.IsEmpty && _rooms.TryGetValue(Encoding.ASCII.GetString(name), out var room))
            {
                Encode(room.Pending, message.Span);
                _pending.Add(room);
            }
        }

        bytes.CopyTo(_publications);
        _publicationBytes = bytes.Length;
        foreach (var room in _pending)
        {
            foreach (var client in room.Members)
            {
                if (client.Send(room.Pending.WrittenSpan))
                {
                    _poller.Change(client.Socket, Poller.Readable | Poller.Writable, client.Number);
                }
            }

            room.Pending.ResetWrittenCount();
        }

        _pending.Clear();
    }

    private static void Encode(ArrayBufferWriter<byte> frames, ReadOnlySpan<byte> message)
    {
        var head = frames.GetSpan(4);
        head[0] = ServerFrame.Text;
        if (message.Length < 126)
        {
            head[1] = (byte)message.Length;
            frames.Advance(2);
        }
        else
        {
            head[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], checked((ushort)message.Length));
            frames.Advance(4);
        }

        frames.Write(message);
    }

    // GET /room HTTP/1.1
    private void Upgrade(BaselineClient client, ReadOnlySpan<byte> request)
    {
        var text = Encoding.ASCII.GetString(request);
        const string KeyHeader = "Sec-WebSocket-Key: ";
        var at = text.IndexOf(KeyHeader, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            Remove(client);
            return;
        }

        var key = text[(at + KeyHeader.Length)..text.IndexOf("\r\n", at, StringComparison.Ordinal)];
        var name = text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..text.IndexOf(" HTTP", StringComparison.Ordinal)];
        if (!_rooms.TryGetValue(name, out var room))
        {
            _rooms[name] = room = new BaselineRoom();
        }

        client.Room = room;
        room.Members.Add(client);

        // RFC 6455, section 4.2.2, asks for SHA-1.
#pragma warning disable CA5350
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeGuid)));
#pragma warning restore CA5350
        _ = client.Socket.Send(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
    }
}
