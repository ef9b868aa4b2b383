using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Push.ServiceDefaults.Bus;

/// <summary>
/// The publications that the broker confirmed in the last seconds, to be published once more where the stream lost them: a broker confirms
/// what a stream took that is deleted at this moment, too. Bounded by age and by bytes.
/// </summary>
/// <remarks>Kept as bytes in a few large arrays: as objects, they would live just long enough to cost the garbage collector most.</remarks>
internal sealed class ConfirmedPublications(TimeProvider time)
{
    /// <summary>How long before the stream was lost a publication must have been confirmed to be published again: readers are that far behind at most.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    /// <summary>How many bytes are kept, the newest ones.</summary>
    public const int MaxBytes = 32 << 20;

    private const int ChunkBytes = 256 << 10;
    private const int Absent = -1;

    private readonly Queue<Chunk> _chunks = new();
    private readonly Lock _lock = new();
    private Chunk? _last;
    private int _bytes;

    /// <summary>Keeps a copy of <paramref name="push"/>.</summary>
    public void Add(OutgoingPush push)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var size = SizeOf(push);
            if (_last is null || _last.Free < size)
            {
                _last = new Chunk(ArrayPool<byte>.Shared.Rent(Math.Max(size, ChunkBytes)));
                _bytes += _last.Bytes.Length;
                _chunks.Enqueue(_last);
                Evict(now);
            }

            Write(_last, push, now);
        }
    }

    /// <summary>Hands out, oldest first, what was confirmed later than <see cref="Window"/> before <paramref name="lastSeen"/> (a timestamp), and keeps nothing.</summary>
    public List<ConfirmedPublication> TakeAll(long lastSeen)
    {
        var taken = new List<ConfirmedPublication>();
        lock (_lock)
        {
            foreach (var chunk in _chunks)
            {
                for (var at = 0; at < chunk.Length;)
                {
                    var publication = Read(chunk, ref at);
                    if (time.GetElapsedTime(publication.ConfirmedAt, lastSeen) <= Window)
                    {
                        taken.Add(publication);
                    }
                }

                ArrayPool<byte>.Shared.Return(chunk.Bytes);
            }

            _chunks.Clear();
            _last = null;
            _bytes = 0;
        }

        return taken;
    }

    private static int SizeOf(OutgoingPush push) =>
        sizeof(long) + (5 * sizeof(int)) + TextSize(push.MessageId) + TextSize(push.Target) + TextSize(push.Id) + TextSize(push.TraceParent) + push.Body.Length;

    private static int TextSize(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    private static void Write(Chunk chunk, OutgoingPush push, long now)
    {
        BinaryPrimitives.WriteInt64LittleEndian(chunk.Bytes.AsSpan(chunk.Length), now);
        chunk.Length += sizeof(long);
        WriteText(chunk, push.MessageId);
        WriteText(chunk, push.Target);
        WriteText(chunk, push.Id);
        WriteText(chunk, push.TraceParent);
        WriteLength(chunk, push.Body.Length);
        push.Body.Span.CopyTo(chunk.Bytes.AsSpan(chunk.Length));
        chunk.Length += push.Body.Length;
        chunk.NewestAt = now;
    }

    private static void WriteText(Chunk chunk, string? text)
    {
        WriteLength(chunk, text is null ? Absent : TextSize(text));
        chunk.Length += Encoding.UTF8.GetBytes(text ?? "", chunk.Bytes.AsSpan(chunk.Length));
    }

    private static void WriteLength(Chunk chunk, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(chunk.Bytes.AsSpan(chunk.Length), length);
        chunk.Length += sizeof(int);
    }

    private static ConfirmedPublication Read(Chunk chunk, ref int at)
    {
        var confirmedAt = BinaryPrimitives.ReadInt64LittleEndian(chunk.Bytes.AsSpan(at));
        at += sizeof(long);
        var messageId = ReadText(chunk, ref at)!;
        var target = ReadText(chunk, ref at)!;
        var id = ReadText(chunk, ref at);
        var traceParent = ReadText(chunk, ref at);
        var body = chunk.Bytes.AsSpan(at + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(chunk.Bytes.AsSpan(at))).ToArray();
        at += sizeof(int) + body.Length;
        return new ConfirmedPublication(confirmedAt, messageId, target, id, traceParent, body);
    }

    private static string? ReadText(Chunk chunk, ref int at)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(chunk.Bytes.AsSpan(at));
        at += sizeof(int);
        if (length == Absent)
        {
            return null;
        }

        at += length;
        return Encoding.UTF8.GetString(chunk.Bytes, at - length, length);
    }

    private void Evict(long now)
    {
        while (_chunks.Count > 1 && (_bytes > MaxBytes || time.GetElapsedTime(_chunks.Peek().NewestAt, now) > Window))
        {
            var oldest = _chunks.Dequeue();
            _bytes -= oldest.Bytes.Length;
            ArrayPool<byte>.Shared.Return(oldest.Bytes);
        }
    }

    private sealed class Chunk(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public int Length { get; set; }

        public int Free => Bytes.Length - Length;

        public long NewestAt { get; set; }
    }
}

/// <param name="ConfirmedAt">When, as a timestamp.</param>
/// <param name="MessageId">See <see cref="OutgoingPush.MessageId"/>.</param>
/// <param name="Target">The text form of <see cref="Contracts.PushTarget"/>.</param>
/// <param name="Id">Null where its publisher gave none.</param>
/// <param name="TraceParent">Its trace.</param>
/// <param name="Body">What was published.</param>
internal sealed record ConfirmedPublication(long ConfirmedAt, string MessageId, string Target, string? Id, string? TraceParent, byte[] Body);
