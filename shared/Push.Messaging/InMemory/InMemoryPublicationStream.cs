using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Push.Contracts;

namespace Push.Messaging.InMemory;

/// <summary>
/// The stream where publisher and Edge share a process. A publication is confirmed when the queue of unread records has taken it; while the Edge is behind,
/// publishers wait, and are refused in the end. A record gets its offset when it is read, and is retained for a while after that. The epoch lasts as long as the process.
/// </summary>
internal sealed class InMemoryPublicationStream(IOptions<BusOptions> options, TimeProvider time) : IPublicationPublisher, IPublicationSource
{
    // At the largest message by default 32 MiB, and well under a second of fan-out.
    private const int Capacity = 1024;

    // Retained is what was read lately, whichever bound is met first.
    private const long RetentionBytes = 16 << 20;
    private static readonly TimeSpan RetentionAge = TimeSpan.FromMinutes(10);

    private readonly Channel<Entry> _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly string _epoch = RandomNumberGenerator.GetHexString(12, lowercase: true);

    // The records that were read last, oldest first. They belong to the reader, of whom there is one at a time.
    private readonly Queue<Entry> _retained = new();
    private long _retainedBytes;
    private long _next;

    public bool IsReady => true;

    public StreamPosition? Position => Volatile.Read(ref _next) is var next and > 0 ? new StreamPosition(_epoch, next - 1) : null;

    public long Lag => _queue.Reader.Count;

    public ValueTask PublishAsync(scoped in DecodedPublication publication, CancellationToken cancellationToken)
    {
        var caller = Activity.Current;
        var activity = MessagingSpan.StartPublish(broker: null, publication.Id, publication.Target);
        var entry = new Entry(publication, Activity.Current?.Context ?? default, time.GetTimestamp());
        Activity.Current = caller;
        if (_queue.Writer.TryWrite(entry))
        {
            activity?.Dispose();
            return default;
        }

        return WriteAsync(entry, activity, cancellationToken);
    }

    public Task ReadAsync(IPublicationHandler handler, CancellationToken stopping) => ReadAsync(handler, _next, stopping);

    /// <summary>
    /// Reads what is still retained from <paramref name="offset"/> on, and then goes on with what nobody has read yet. One reader at a time.
    /// </summary>
    internal async Task ReadAsync(IPublicationHandler handler, long offset, CancellationToken stopping)
    {
        Trim();
        var oldest = _next - _retained.Count;
        foreach (var entry in _retained)
        {
            if (oldest++ >= offset && !handler.TryHandle(entry.ToRecord(new StreamPosition(_epoch, oldest - 1))))
            {
                return;
            }
        }

        handler.Attached();
        await foreach (var entry in _queue.Reader.ReadAllAsync(stopping))
        {
            if (!handler.TryHandle(entry.ToRecord(new StreamPosition(_epoch, _next))))
            {
                // It has ended the process: nobody waits for the rest.
                return;
            }

            Retain(entry);
            Volatile.Write(ref _next, _next + 1);
            stopping.ThrowIfCancellationRequested();
        }
    }

    private void Retain(Entry entry)
    {
        _retained.Enqueue(entry);
        _retainedBytes += entry.Bytes;
        Trim();
    }

    private void Trim()
    {
        while (_retained.TryPeek(out var oldest) && (_retainedBytes > RetentionBytes || time.GetElapsedTime(oldest.StoredAt) > RetentionAge))
        {
            _retained.Dequeue();
            _retainedBytes -= oldest.Bytes;
        }
    }

    private async ValueTask WriteAsync(Entry entry, Activity? activity, CancellationToken cancellationToken)
    {
        using var span = activity;
        using var deadline = new CancellationTokenSource(options.Value.ConfirmTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(entry, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = new BrokerUnavailableException("The queue did not take the message in time.", e);
            activity.Fail(failure);
            throw failure;
        }
    }

    /// <summary>A publication that has outlived its request.</summary>
    private sealed class Entry(scoped in DecodedPublication publication, ActivityContext trace, long storedAt)
    {
        // What an entry takes besides its message: the object, its texts and the array's header.
        private const int OverheadBytes = 256;

        private readonly RoomKey _target = publication.Target;
        private readonly string? _id = publication.Id;
        private readonly string? _key = publication.Key;
        private readonly byte[] _message = MessageJson.Normalize(publication.Message).ToArray();
        private readonly DateTimeOffset? _publishedAt = publication.PublishedAt;
        private readonly DateTimeOffset? _occurredAt = publication.OccurredAt;
        private readonly ActivityContext _trace = trace;

        /// <summary>When it was published, as a timestamp.</summary>
        public long StoredAt { get; } = storedAt;

        public int Bytes => _message.Length + OverheadBytes;

        public PublicationRecord ToRecord(StreamPosition position)
        {
            var publication = new DecodedPublication { Target = _target, Id = _id, Key = _key, Message = _message, PublishedAt = _publishedAt, OccurredAt = _occurredAt };
            return new PublicationRecord(position, publication, _trace);
        }
    }
}
