using Push.Messaging;
using Push.Messaging.RabbitMq;

namespace Push.UnitTests.Messaging.Epochs;

/// <summary>
/// A service and its one connection. What it does over it is a sequence of steps, each one exchange with the broker; between two steps
/// anything else can happen.
/// </summary>
internal abstract class ModelService(ModelBroker broker)
{
    private IEnumerator<int>? _session;
    private int _readEpochs;

    /// <summary>How often the broker answers too late.</summary>
    public double Slowness { get; set; }

    protected ModelBroker Broker { get; } = broker;

    protected EpochChain Chain { get; private set; } = EpochChain.Empty;

    protected ModelStream<EpochRecord>? Watched { get; private set; }

    public bool IsConnected => _session is not null;

    /// <summary>Takes the next step; a session that ends is begun anew with the next one.</summary>
    public void Step()
    {
        _session ??= Run().GetEnumerator();
        if (!_session.MoveNext())
        {
            Cut();
        }
    }

    /// <summary>The connection is lost.</summary>
    public void Cut()
    {
        _session?.Dispose();
        _session = null;
        if (Broker.LockHolder == this)
        {
            Broker.LockHolder = null;
        }
    }

    protected abstract IEnumerable<int> Serve();

    protected virtual void OnEpoch()
    {
    }

    /// <summary>Reads one more epoch, or all. False where the epoch stream was deleted.</summary>
    protected bool ReadEpochs(bool all)
    {
        var before = Chain;
        while (_readEpochs < Watched!.Records.Count)
        {
            Chain = Chain.Append(Watched.Records[_readEpochs++]);
            if (!all)
            {
                break;
            }
        }

        if (Chain != before)
        {
            OnEpoch();
        }

        return Watched == Broker.Epochs;
    }

    private bool IsSlow => Broker.Chance(Slowness);

    private IEnumerable<int> Run()
    {
        foreach (var step in SetUp())
        {
            yield return step;
        }

        if (Watched is null)
        {
            yield break;
        }

        foreach (var step in Serve())
        {
            yield return step;
        }
    }

    /// <summary>As <see cref="PushStreamTopology"/> does it.</summary>
    private IEnumerable<int> SetUp()
    {
        while (!TryFind())
        {
            yield return 1;
            if (Broker.LockHolder is not null)
            {
                continue;
            }

            Broker.LockHolder = this;
            yield return 2;
            if (!TryFind())
            {
                yield return 3;
                foreach (var step in Create())
                {
                    yield return step;
                }
            }

            Broker.LockHolder = null;
            yield break;
        }
    }

    private IEnumerable<int> Create()
    {
        var hasStream = Broker.Pushes is not null;
        yield return 4;
        var hasEpochs = Broker.Epochs is not null;
        Broker.Epochs ??= new ModelStream<EpochRecord>();
        yield return 5;
        if (!TryWatch())
        {
            yield break;
        }

        if (!hasEpochs || IsSlow || !(ReadEpochs(all: true) && Chain.Current is not null))
        {
            var validFrom = hasStream && !IsSlow ? Broker.Pushes?.Records.Count ?? 0 : 0;
            yield return 6;
            var first = EpochRecord.Begin(validFrom, EpochReason.Created, null);
            if (!TryAppend(first))
            {
                yield break;
            }

            hasEpochs = Chain.Current != first;
        }

        while (!hasStream && hasEpochs)
        {
            yield return 7;
            var next = EpochRecord.Begin(0, EpochReason.Created, Chain.Current!.Epoch);
            if (!TryAppend(next))
            {
                yield break;
            }

            hasEpochs = Chain.Current != next;
        }

        yield return 8;
        if (!hasStream)
        {
            Broker.Pushes ??= new ModelStream<ModelRecord>();
        }
    }

    /// <summary>False where the epoch stream was deleted meanwhile: the session ends, as it does on that error.</summary>
    protected bool TryAppend(EpochRecord record)
    {
        if (Watched != Broker.Epochs)
        {
            Watched = null;
            return false;
        }

        Watched!.Records.Add(record);
        return ReadEpochs(all: true);
    }

    /// <summary>Null where the end is not known: the stream is empty, or the broker slow.</summary>
    protected long? FindTail() => Broker.Pushes!.Records.Count == 0 || IsSlow ? null : Broker.Pushes.Records.Count - 1;

    private bool TryFind() => Broker.Pushes is not null && TryWatch() && !IsSlow && ReadEpochs(all: true) && Chain.Current is not null;

    private bool TryWatch()
    {
        Watched = Broker.Epochs;
        Chain = EpochChain.Empty;
        _readEpochs = 0;
        return Watched is not null;
    }
}

/// <summary>An Edge, with one client that stays connected from when the Edge first was ready.</summary>
internal sealed class ModelEdge(ModelBroker broker) : ModelService(broker)
{
    private readonly StreamCursor _cursor = new(TimeSpan.FromSeconds(60), broker, fingerprints: 4096);
    private bool _isServing;
    private bool _isAttached;
    private bool _attachAgain;
    private ModelStream<ModelRecord>? _stream;
    private int _at;

    /// <summary>Ids in the order in which the client received them.</summary>
    public List<ModelRecord> Received { get; } = [];

    /// <summary>When it last looked for the stream's end before it was ready; null before.</summary>
    public long? LookedAt { get; private set; }

    /// <summary>When it was first ready: clients come from then on; null before.</summary>
    public long? ReadyAt { get; private set; }

    /// <summary>It has looked where the stream ends, and has not yet attached to it.</summary>
    public bool IsAttaching { get; private set; }

    /// <summary>The same, for the first time.</summary>
    public bool IsAttachingFirst => IsAttaching && ReadyAt is null;

    public string? Epoch => _cursor.Epoch;

    public int EpochsBegun { get; private set; }

    /// <summary>Attached, and everything read.</summary>
    public bool HasReadAll => _isAttached && _stream == Broker.Pushes && _at == _stream!.Records.Count && !_cursor.IsGuessing && _cursor.Next <= _at && Watched == Broker.Epochs && _cursor.Epoch == Chain.Current!.Epoch;

    protected override void OnEpoch()
    {
        _attachAgain |= _isServing && !_cursor.TryAdopt(Chain);
    }

    protected override IEnumerable<int> Serve()
    {
        _cursor.Detach();
        _isServing = true;
        try
        {
            _attachAgain = true;
            while (_attachAgain && Broker.Pushes is not null)
            {
                _attachAgain = false;
                var tail = FindTail();
                IsAttaching = true;
                LookedAt = ReadyAt is null ? Broker.GetTimestamp() : LookedAt;
                yield return 10;
                object? start = null;
                while (start is null)
                {
                    if (_cursor.Break is { } found)
                    {
                        if (found.NeedsEpoch && Chain.Current!.Epoch == found.Epoch)
                        {
                            if (!TryAppend(EpochRecord.Begin(found.ValidFrom, found.Reason, found.Epoch)))
                            {
                                yield break;
                            }

                            EpochsBegun++;
                            yield return 11;
                        }

                        _cursor.Mended();
                    }

                    try
                    {
                        start = _cursor.Attach(Chain, tail);
                    }
                    catch (BrokerUnavailableException)
                    {
                        yield break;
                    }

                    start = _cursor.Break is null ? start : null;
                }

                yield return 12;
                if (Broker.Pushes is null)
                {
                    yield break;
                }

                IsAttaching = false;
                _stream = Broker.Pushes;
                _at = Broker.Resolve(start);
                while (!_attachAgain)
                {
                    yield return 13;
                    if (_stream != Broker.Pushes)
                    {
                        _cursor.Ended();
                        yield break;
                    }

                    if (!ReadEpochs(all: false))
                    {
                        yield break;
                    }

                    if (_at < _stream.Records.Count)
                    {
                        _attachAgain |= Take(_stream.Records[_at], _at);
                        _at++;
                    }

                    if (!_isAttached && (!_cursor.IsWarmingUp || (_cursor.Next == -1 && Broker.Chance(0.1))))
                    {
                        _isAttached = true;
                        _cursor.EndWarmUp();
                        ReadyAt ??= Broker.GetTimestamp();
                    }

                    if (Broker.Chance(0.05) && FindTail() is { } end)
                    {
                        _attachAgain |= !_cursor.Sees(end);
                    }
                }

                _isAttached = false;
            }
        }
        finally
        {
            _isServing = false;
            _isAttached = false;
            IsAttaching = false;
        }
    }

    private bool Take(ModelRecord record, long offset)
    {
        var fate = _cursor.Advance(offset, record.Fingerprint, record.Republication);
        switch (fate)
        {
            case RecordFate.AttachAgain:
                return true;
            case RecordFate.Deliver:
                Received.Add(record);
                break;
        }

        return false;
    }
}

/// <summary>An Api: it confirms, and publishes once more what an epoch lost.</summary>
internal sealed class ModelApi(ModelBroker broker) : ModelService(broker)
{
    private readonly Queue<int> _toRepublish = new();
    private List<(int Id, long At)> _lately = [];
    private string? _epoch;
    private long _away;
    private long? _awaySince;

    public List<int> Confirmed { get; } = [];

    public bool IsServing { get; private set; }

    /// <summary>Given by whoever counts publications.</summary>
    public required Func<int> NextId { get; init; }

    public bool IsPublishing { get; set; } = true;

    // The time, without those in which there was no connection.
    private long Connected => (_awaySince ?? Broker.GetTimestamp()) - _away;

    protected override IEnumerable<int> Serve()
    {
        if (Broker.Pushes is not { } stream)
        {
            yield break;
        }

        _away = Broker.GetTimestamp() - Connected;
        _awaySince = null;
        var hasLooked = false;
        while (ReadEpochs(all: false) && stream == Broker.Pushes)
        {
            var epoch = Chain.Current!.Epoch;
            if (_epoch is not null && epoch != _epoch && Chain.MayHaveLostAfter(_epoch))
            {
                Recall();
            }
            else if (!hasLooked && _lately.Count > 0 && !stream.Records.Exists(record => record.Id == _lately[^1].Id))
            {
                // An older copy: who has not read what it lacks can't see that.
                Recall();
            }

            hasLooked = true;
            _epoch = epoch;
            while (_toRepublish.TryPeek(out var again) && stream == Broker.Pushes)
            {
                Broker.Publish(again, isRepublished: true);
                _lately.Add((again, Connected));
                _toRepublish.Dequeue();
                yield return 20;
            }

            IsServing = _toRepublish.Count == 0;
            yield return 21;
            if (IsPublishing && IsServing && Broker.Chance(0.5))
            {
                // A stream that is being deleted confirms what it does not store.
                var id = NextId();
                if (stream == Broker.Pushes)
                {
                    Broker.Publish(id);
                }

                _lately.Add((id, Connected));
                Confirmed.Add(id);
            }
        }

        Ended();
    }

    private void Recall()
    {
        var since = Connected - (long)ConfirmedPublications.Window.TotalMilliseconds;
        _lately.Where(known => known.At >= since).ToList().ForEach(known => _toRepublish.Enqueue(known.Id));
        _lately = [];
    }

    public void Ended()
    {
        IsServing = false;
        _awaySince ??= Broker.GetTimestamp();
    }
}
