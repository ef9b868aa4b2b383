using Push.Contracts;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// Where a reader is in the stream, where it attaches next, and what it does with a record: all that is decided about them, and nothing
/// that waits. Written by one thread at a time.
/// </summary>
/// <remarks>
/// A reader that lost the broker attaches again at the last record it read, and compares that record with the fingerprint it kept.
/// 1. They agree: the stream is the same. Records are skipped up to where the reader was, and delivered from there on.
/// 2. They differ: it compares the oldest record it remembers. Where the records stop to agree, the stream was cut.
/// 3. None agrees: another stream stands in its place, perhaps an older copy. A record of it is new if it was stored after the old stream was last
///    heard of, and if it was not read before.
/// The name of the epoch decides what is delivered in one case alone: where the chain of epochs proves that the stream was made anew, it is
/// read from its beginning.
/// </remarks>
internal sealed class StreamCursor(TimeSpan window, TimeProvider time, int fingerprints = RecordFingerprints.DefaultCapacity)
{
    private const long Unknown = -1;

    // What the broker writes between publications when a segment is full, its record of readers' offsets, takes an offset too and is never delivered
    // (osiris_log.erl, evaluate_tracking_snapshot). Retention takes whole segments: what is lost to it is many.
    private const int MaxBrokerRecords = 2;

    // By how much the last sign of the old stream may be older than it seems: records can be long on their way.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private readonly RecordFingerprints _fingerprints = new(fingerprints);
    private readonly HashSet<string> _names = [];
    private readonly Lock _naming = new();
    private volatile string? _epoch;
    private long _next = Unknown;
    private long _firstDue = Unknown;
    private string? _anewSince;
    private string? _supersededEpoch;
    private bool _isGone;
    private long _end;
    private long _newFrom;
    private long _newUntil;
    private bool _hasStarted;
    private long _startedAt;
    private long _aliveAt;
    private volatile Stage _stage;
    private Search _search;

    private enum Stage
    {
        /// <summary>What is not yet read is read.</summary>
        Reading,

        /// <summary>The next record is compared with the one that was read there, or lies behind all that was read.</summary>
        Comparing,

        /// <summary>The same, far back in what is remembered.</summary>
        ComparingBack,

        /// <summary>The stream was made anew, and is compared all the same: the reader may have read it before it heard so.</summary>
        ComparingAnew,

        /// <summary>The stream is the one that was read; its records come again up to where the reader was.</summary>
        Agreeing,

        /// <summary>Attached by time, since the stream's end was not known.</summary>
        Guessing,

        /// <summary>Attached by time to another stream, or to another end: what comes is new.</summary>
        TakingNew,
    }

    private enum Search
    {
        LastRead,
        FarBack,
        MadeAnew,
        New,
    }

    /// <summary>Null before the first <see cref="Attach"/>.</summary>
    public string? Epoch => _epoch;

    /// <summary>The first offset that is delivered: what comes before it was published before this process was there.</summary>
    public long LiveFrom { get; private set; }

    /// <summary>Still in what was published before this process was there.</summary>
    public bool IsWarmingUp => LiveFrom > 0 && Next < LiveFrom;

    /// <summary>Attached by time until it is known where the stream ends: records that a slow reader did not come to can lie before that.</summary>
    public bool IsGuessing => _stage == Stage.Guessing;

    /// <summary>The next offset to read; -1 while that is not known.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>What was read last; null if nothing was.</summary>
    public StreamPosition? Position => Next > 0 && Epoch is { } epoch ? new StreamPosition(epoch, Next - 1) : null;

    /// <summary>The stream was found not to hold what it held; null where it is not, or <see cref="Mended"/>.</summary>
    public StreamBreak? Break { get; private set; }

    /// <summary>Another epoch is current while the reader is attached. False where it proves that the stream is another: then the reader attaches again.</summary>
    public bool TryAdopt(EpochChain chain)
    {
        lock (_naming)
        {
            if (_epoch is not { } held || chain.Current is not { } current || current.Epoch == held)
            {
                return true;
            }

            if (chain.BeganEmptyAfter(held))
            {
                return false;
            }

            _epoch = current.Epoch;
            if (IsSettled)
            {
                _names.Add(current.Epoch);
            }

            return true;
        }
    }

    /// <summary>The attachment is lost: whether the stream still is the one that was read must be seen anew.</summary>
    public void Detach()
    {
        _stage = Stage.Comparing;
        _search = _supersededEpoch is null ? Search.LastRead : Search.MadeAnew;
    }

    /// <summary>The broker ended the attachment, as it does where the stream is deleted.</summary>
    public void Ended() => _isGone = true;

    /// <summary>The epoch for <see cref="Break"/> has begun.</summary>
    public void Mended() => Break = null;

    /// <summary>The <c>x-stream-offset</c> to attach with, now that <paramref name="tail"/> was the last offset; null where that is not known.</summary>
    /// <exception cref="BrokerUnavailableException">Only a known end can help.</exception>
    public object Attach(EpochChain chain, long? tail)
    {
        lock (_naming)
        {
            if (_hasStarted && chain.BeganEmptyAfter(_epoch!))
            {
                Supersede(_epoch!);
            }

            _epoch = chain.Current!.Epoch;
            _isGone = false;
        }

        _end = tail ?? Unknown;
        if (!_hasStarted)
        {
            return Start(tail);
        }

        if (_anewSince is not null)
        {
            return StartAnew(tail, isProved: chain.BeganEmptyAfter(_anewSince));
        }

        return Next == Unknown ? StartUnread() : StartBehindRead(tail);
    }

    /// <summary>
    /// From here on, clients can be connected. Where the window held nothing, the next record is the first one that is delivered: without this, a reader
    /// that loses the broker before it has read anything would attach by time again, and miss what is older by then.
    /// </summary>
    public void EndWarmUp()
    {
        Interlocked.CompareExchange(ref _next, _firstDue, Unknown);
        _hasStarted = true;
        Alive();
    }

    /// <summary>
    /// The stream ends with <paramref name="tail"/> while the reader is attached. False where it must attach again: where that is less than when it
    /// attached, which makes it another stream, and where it had to guess.
    /// </summary>
    public bool Sees(long tail)
    {
        if (tail < _end || IsGuessing)
        {
            Detach();
            return false;
        }

        Alive();
        return true;
    }

    /// <summary>How many publications before <paramref name="offset"/> are no longer there; 0 where none is missed.</summary>
    public long MissedBefore(long offset) => Next != Unknown && offset - Next > MaxBrokerRecords && _stage != Stage.TakingNew ? offset - Next : 0;

    /// <summary>Says what to do with the record at <paramref name="offset"/>, and moves behind it where it is read.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="fingerprint">See <see cref="PublicationRecord.Fingerprint"/>.</param>
    /// <param name="republication">See <see cref="PublicationRecord.Republication"/>: where it is not 0, it may have been in the stream before, at another offset.</param>
    public RecordFate Advance(long offset, ulong fingerprint, ulong republication)
    {
        switch (_stage)
        {
            case Stage.Comparing or Stage.Agreeing when offset >= _next:
                // Comparing: retention took what could be compared.
                break;

            case Stage.Comparing or Stage.ComparingBack or Stage.ComparingAnew or Stage.Agreeing or Stage.Guessing when _fingerprints.Matches(offset, fingerprint, republication):
                _search = Search.LastRead;
                _stage = Stage.Agreeing;
                if (offset == _next - 1)
                {
                    Settle();
                }

                return RecordFate.Skip;

            case Stage.Agreeing:
                TakeForAnother(EpochReason.Truncated, offset);
                return RecordFate.AttachAgain;

            case Stage.Guessing:
                _search = offset < _next ? Search.FarBack : Search.LastRead;
                return RecordFate.AttachAgain;

            case Stage.Comparing:
                _search = Search.FarBack;
                return RecordFate.AttachAgain;

            case Stage.ComparingAnew:
                BeginAnew(_supersededEpoch!);
                return RecordFate.AttachAgain;

            case Stage.ComparingBack:
                TakeForAnother(EpochReason.Restored, 0);
                return RecordFate.AttachAgain;

            case Stage.TakingNew when offset < _newFrom && (offset < _fingerprints.Oldest || _fingerprints.Matches(offset, fingerprint, republication)):
                return RecordFate.Skip;

            case Stage.TakingNew when offset < _newFrom:
                // Yet another stream since.
                Detach();
                return RecordFate.AttachAgain;

            case Stage.TakingNew:
                _fingerprints.CutAt(_newFrom);
                Volatile.Write(ref _next, offset);
                break;
        }

        Settle();
        _search = Search.LastRead;
        return Read(offset, fingerprint, republication);
    }

    /// <summary>The stream that was read is still there.</summary>
    private void Alive()
    {
        if (IsSettled)
        {
            _aliveAt = time.GetTimestamp();
        }
    }

    private bool IsSettled => _stage == Stage.Reading;

    private RecordFate Read(long offset, ulong fingerprint, ulong republication)
    {
        _aliveAt = time.GetTimestamp();
        if (offset < _next)
        {
            return RecordFate.Skip;
        }

        var isKnown = (republication != 0 || offset < _newUntil) && _fingerprints.Contains(fingerprint);
        _fingerprints.Add(offset, fingerprint, republication);
        _anewSince = null;
        Volatile.Write(ref _next, offset + 1);
        return isKnown ? RecordFate.Skip
            : offset < LiveFrom ? RecordFate.Remember
            : RecordFate.Deliver;
    }

    /// <summary>
    /// A process reads the last minutes without delivering them. Where the end is not known, what comes after this moment is new. Nobody has been
    /// connected before the end of it: where it does not come to that, it is done again.
    /// </summary>
    private string Start(long? tail)
    {
        _startedAt = time.GetTimestamp();
        _fingerprints.CutAt(0);
        _names.Clear();
        _stage = Stage.Reading;
        _search = Search.LastRead;
        _firstDue = tail + 1 ?? Unknown;
        LiveFrom = tail + 1 ?? 0;
        Volatile.Write(ref _next, Unknown);
        return tail is null ? StreamOffset.Next : StreamOffset.Back(window);
    }

    /// <summary>Attached behind an end that was not known, and nothing had come when the connection was lost.</summary>
    private string StartUnread()
    {
        _stage = Stage.Reading;
        return SinceStart();
    }

    private string StartAnew(long? tail, bool isProved)
    {
        if (isProved)
        {
            _stage = Stage.Reading;
            return StreamOffset.First;
        }

        // Another stream has taken the place of the new one, of which nothing was read.
        TakeForAnother(EpochReason.Restored, 0);
        return StartNew(tail);
    }

    private string StartNew(long? tail)
    {
        // It may be an older copy, with records that were read, at whichever offsets.
        _newUntil = Math.Max(_newUntil, tail + 1 ?? long.MaxValue);
        _stage = Stage.TakingNew;
        return SinceLastHeardOf();
    }

    private object StartBehindRead(long? tail)
    {
        if (_search == Search.FarBack)
        {
            var known = tail ?? throw new BrokerUnavailableException("The broker does not say in time where the stream ends.");
            if (!_fingerprints.IsEmpty && known >= _fingerprints.Oldest)
            {
                _stage = Stage.ComparingBack;
                return _fingerprints.Oldest;
            }

            TakeForAnother(EpochReason.Restored, 0);
        }

        if (_search == Search.MadeAnew)
        {
            _stage = Stage.ComparingAnew;
            return tail >= _fingerprints.Oldest ? _fingerprints.Oldest : StreamOffset.First;
        }

        if (_search == Search.LastRead && tail is null)
        {
            // The stream is empty, or slow to answer: what it was given lately is enough to see which.
            _stage = Stage.Guessing;
            return SinceLastHeardOf();
        }

        if (_search == Search.LastRead && _fingerprints.IsEmpty)
        {
            if (tail >= _next - 1)
            {
                _stage = Stage.Reading;
                return _next;
            }

            TakeForAnother(EpochReason.Restored, 0);
        }

        if (_search == Search.New)
        {
            return StartNew(tail);
        }

        // Attached beyond the end, the broker would hold back every record until the offset is reached again.
        _stage = Stage.Comparing;
        return Math.Min(_next - 1, tail!.Value);
    }

    private void Supersede(string epoch)
    {
        if (_isGone || _fingerprints.IsEmpty)
        {
            BeginAnew(epoch);
            return;
        }

        _supersededEpoch = epoch;
        _search = Search.MadeAnew;
    }

    /// <summary>All that the stream holds is later than <paramref name="epoch"/>, and none of it was read.</summary>
    private void BeginAnew(string epoch)
    {
        _fingerprints.CutAt(0);
        _names.Add(epoch);
        _anewSince = epoch;
        _supersededEpoch = null;
        _search = Search.LastRead;
        _firstDue = Unknown;
        _newUntil = 0;
        LiveFrom = 0;
        Break = null;
        Volatile.Write(ref _next, Unknown);
    }

    private void TakeForAnother(EpochReason reason, long newFrom)
    {
        if (_search == Search.New)
        {
            return;
        }

        _search = Search.New;
        _supersededEpoch = null;
        _newFrom = newFrom;
        LiveFrom = 0;

        // A name that was never held before was given by somebody who knew of the break.
        var epoch = _epoch!;
        Break = new StreamBreak(reason, newFrom, epoch, NeedsEpoch: _names.Contains(epoch));
    }

    /// <summary>From here on, the epoch's name stands for the stream that is read.</summary>
    private void Settle()
    {
        _stage = Stage.Reading;
        _supersededEpoch = null;
        lock (_naming)
        {
            _names.Add(_epoch!);
        }
    }

    private string SinceLastHeardOf()
    {
        var back = time.GetElapsedTime(_aliveAt) + Slack;
        return time.GetElapsedTime(_startedAt) < back ? SinceStart() : StreamOffset.Back(back);
    }

    private string SinceStart() => StreamOffset.Back(time.GetElapsedTime(_startedAt) + TimeSpan.FromSeconds(1));
}

/// <summary>What a reader does with a record.</summary>
internal enum RecordFate
{
    /// <summary>It is new: its room receives it.</summary>
    Deliver,

    /// <summary>It is from before this process was there: only its id is taken note of.</summary>
    Remember,

    /// <summary>It was read before.</summary>
    Skip,

    /// <summary>The stream is not what it seemed: nothing more of this attachment is read, and the reader attaches again.</summary>
    AttachAgain,
}

/// <summary>The stream does not hold what it held.</summary>
/// <param name="Reason">Whether it was cut or is another.</param>
/// <param name="ValidFrom">The first offset that holds something else.</param>
/// <param name="Epoch">In which epoch that was found.</param>
/// <param name="NeedsEpoch">That epoch is known from before: another must begin.</param>
internal sealed record StreamBreak(EpochReason Reason, long ValidFrom, string Epoch, bool NeedsEpoch);

/// <summary>
/// Fingerprints of the last records that were read: by offset, to see whether a stream still is the one that was read, and whatever their
/// offset, to know a publication that is published once more. Used by one reader at a time.
/// </summary>
internal sealed class RecordFingerprints(int capacity)
{
    /// <summary>How many an Edge keeps: 1 MiB in all, and seconds at the highest rates.</summary>
    public const int DefaultCapacity = 1 << 16;

    // What the broker writes for itself takes an offset too, and is never delivered.
    private const ulong None = 0;

    private readonly ulong[] _byOffset = new ulong[capacity];
    private readonly ulong[] _read = new ulong[capacity];
    private long _oldest;
    private long _next;
    private int _place;

    /// <summary>Nothing is kept by offset.</summary>
    public bool IsEmpty => Oldest >= _next;

    /// <summary>The lowest offset whose fingerprint is kept.</summary>
    public long Oldest => Math.Max(_oldest, _next - capacity);

    /// <summary>Takes note of a record that was read; <paramref name="fingerprint"/> is its content's.</summary>
    public void Add(long offset, ulong fingerprint, ulong republication)
    {
        if (IsEmpty || offset < _next || offset - _next >= capacity)
        {
            _oldest = offset;
        }
        else
        {
            for (var skipped = _next; skipped < offset; skipped++)
            {
                _byOffset[skipped % capacity] = None;
            }
        }

        _byOffset[offset % capacity] = Sign(fingerprint, republication);
        _next = offset + 1;
        _read[_place] = Sign(fingerprint, republication: 0);
        _place = (_place + 1) % capacity;
    }

    /// <summary>Whether the record at <paramref name="offset"/> is the one that was read there.</summary>
    public bool Matches(long offset, ulong fingerprint, ulong republication) =>
        offset >= Oldest && offset < _next && _byOffset[offset % capacity] == Sign(fingerprint, republication);

    /// <summary>Whether such a record was read lately, at whichever offset.</summary>
    public bool Contains(ulong fingerprint) => _read.AsSpan().Contains(Sign(fingerprint, republication: 0));

    /// <summary>The stream ends before <paramref name="offset"/>: what was read there and behind is there no longer.</summary>
    public void CutAt(long offset)
    {
        _oldest = Math.Min(Oldest, offset);
        _next = offset;
    }

    /// <summary>What is published once more is another record than the first time: else the beginning of a new stream could be taken for the old one's.</summary>
    private static ulong Sign(ulong fingerprint, ulong republication) =>
        (fingerprint ^ republication) is var sign and not None ? sign : 1;
}
