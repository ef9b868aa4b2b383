using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// The publications that the broker confirmed in the last seconds, to be published once more where the stream lost them: a broker confirms
/// what a stream took that is deleted at this moment, too. Bounded by age and by bytes.
/// </summary>
/// <remarks>
/// Nothing ages while there is no connection: a broker that was away for a minute can come back with older data, and which it has, a reader sees only
/// when it is attached again. Kept as bytes in a few large arrays: as objects, they would live just long enough to cost the garbage collector most.
/// </remarks>
internal sealed class ConfirmedPublications(TimeProvider time)
{
    /// <summary>For how long a publication is kept, without the times in which there was no connection: readers are that far behind at most.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    /// <summary>How many bytes are kept, the newest ones.</summary>
    public const int MaxBytes = 32 << 20;

    private const int ChunkBytes = 256 << 10;
    private const int Absent = -1;

    private readonly Queue<Chunk> _chunks = new();
    private readonly Lock _lock = new();
    private Chunk? _last;
    private int _bytes;
    private TimeSpan _away;
    private long? _awaySince;
    private (string MessageId, Moment Confirmed)? _newest;

    /// <summary>The last one that was confirmed, and when (a timestamp); null where none is kept.</summary>
    public (string MessageId, long ConfirmedAt)? Last
    {
        get
        {
            lock (_lock)
            {
                return _newest is { } newest && !IsOld(newest.Confirmed) ? (newest.MessageId, newest.Confirmed.Timestamp) : null;
            }
        }
    }

    /// <summary>The connection is lost.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _awaySince ??= time.GetTimestamp();
        }
    }

    /// <summary>There is a connection again.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _away = Away;
            _awaySince = null;
        }
    }

    /// <summary>Keeps a copy of <paramref name="push"/>.</summary>
    public void Add(OutgoingPush push)
    {
        lock (_lock)
        {
            var size = SizeOf(push);
            if (_last is null || _last.Free < size)
            {
                _last = new Chunk(ArrayPool<byte>.Shared.Rent(Math.Max(size, ChunkBytes)));
                _bytes += _last.Bytes.Length;
                _chunks.Enqueue(_last);
                Evict();
            }

            var now = new Moment(time.GetTimestamp(), Away);
            Write(_last, push, now);
            _newest = (push.MessageId, now);
        }
    }

    /// <summary>Hands out, oldest first, what is not older than <see cref="Window"/>, and keeps nothing.</summary>
    public List<ConfirmedPublication> TakeAll()
    {
        var taken = new List<ConfirmedPublication>();
        lock (_lock)
        {
            foreach (var chunk in _chunks)
            {
                for (var at = 0; at < chunk.Length;)
                {
                    var (publication, confirmed) = Read(chunk, ref at);
                    if (!IsOld(confirmed))
                    {
                        taken.Add(publication);
                    }
                }

                ArrayPool<byte>.Shared.Return(chunk.Bytes);
            }

            _chunks.Clear();
            _last = null;
            _newest = null;
            _bytes = 0;
        }

        return taken;
    }

    // For how long there was no connection, all in all.
    private TimeSpan Away => _awaySince is { } since ? _away + time.GetElapsedTime(since) : _away;

    private static int SizeOf(OutgoingPush push) =>
        (2 * sizeof(long)) + (5 * sizeof(int)) + TextSize(push.MessageId) + TextSize(push.Target) + TextSize(push.Id) + TextSize(push.TraceParent) + push.Body.Length;

    private static int TextSize(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    private static void Write(Chunk chunk, OutgoingPush push, Moment now)
    {
        WriteNumber(chunk, now.Timestamp);
        WriteNumber(chunk, now.Away.Ticks);
        WriteText(chunk, push.MessageId);
        WriteText(chunk, push.Target);
        WriteText(chunk, push.Id);
        WriteText(chunk, push.TraceParent);
        WriteLength(chunk, push.Body.Length);
        push.Body.Span.CopyTo(chunk.Bytes.AsSpan(chunk.Length));
        chunk.Length += push.Body.Length;
        chunk.Newest = now;
    }

    private static void WriteNumber(Chunk chunk, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(chunk.Bytes.AsSpan(chunk.Length), number);
        chunk.Length += sizeof(long);
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

    private static (ConfirmedPublication Publication, Moment Confirmed) Read(Chunk chunk, ref int at)
    {
        var confirmed = new Moment(ReadNumber(chunk, ref at), TimeSpan.FromTicks(ReadNumber(chunk, ref at)));
        var messageId = ReadText(chunk, ref at)!;
        var target = ReadText(chunk, ref at)!;
        var id = ReadText(chunk, ref at);
        var traceParent = ReadText(chunk, ref at);
        var body = chunk.Bytes.AsSpan(at + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(chunk.Bytes.AsSpan(at))).ToArray();
        at += sizeof(int) + body.Length;
        return (new ConfirmedPublication(confirmed.Timestamp, messageId, target, id, traceParent, body), confirmed);
    }

    private static long ReadNumber(Chunk chunk, ref int at)
    {
        at += sizeof(long);
        return BinaryPrimitives.ReadInt64LittleEndian(chunk.Bytes.AsSpan(at - sizeof(long)));
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

    private bool IsOld(Moment confirmed) => time.GetElapsedTime(confirmed.Timestamp) - (Away - confirmed.Away) > Window;

    private void Evict()
    {
        while (_chunks.Count > 1 && (_bytes > MaxBytes || IsOld(_chunks.Peek().Newest)))
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

        public Moment Newest { get; set; }
    }

    /// <param name="Timestamp">When it was.</param>
    /// <param name="Away">For how long there had been no connection until then, all in all.</param>
    private readonly record struct Moment(long Timestamp, TimeSpan Away);
}

/// <param name="ConfirmedAt">When, as a timestamp.</param>
/// <param name="MessageId">See <see cref="OutgoingPush.MessageId"/>.</param>
/// <param name="Target">The text form of <see cref="Contracts.RoomKey"/>.</param>
/// <param name="Id">Null where its publisher gave none.</param>
/// <param name="TraceParent">Its trace.</param>
/// <param name="Body">What was published.</param>
internal sealed record ConfirmedPublication(long ConfirmedAt, string MessageId, string Target, string? Id, string? TraceParent, byte[] Body);
