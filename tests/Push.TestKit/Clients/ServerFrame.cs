using System.Buffers.Binary;
using System.Text;

namespace Push.TestKit.Clients;

/// <summary>A frame that a server sent (RFC 6455, section 5.2), read strictly enough to see what it says.</summary>
/// <param name="Opcode">The kind of the frame.</param>
/// <param name="Payload">Its content.</param>
public sealed record ServerFrame(int Opcode, ReadOnlyMemory<byte> Payload)
{
    private const int Close = 8;
    private const int Length16 = 126;
    private const int Length64 = 127;

    public bool IsClose => Opcode == Close;

    public int? CloseCode => IsClose && Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload.Span) : null;

    public string CloseText => IsClose && Payload.Length > 2 ? Encoding.UTF8.GetString(Payload.Span[2..]) : "";

    public static async Task<ServerFrame> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = await ReadAsync(stream, 2, cancellationToken);
        long length = (head[1] & 0x7F) switch
        {
            Length16 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(stream, 2, cancellationToken)),
            Length64 => (long)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(stream, 8, cancellationToken)),
            var small => small,
        };
        return new ServerFrame(head[0] & 0x0F, await ReadAsync(stream, length, cancellationToken));
    }

    private static async Task<byte[]> ReadAsync(Stream stream, long count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
