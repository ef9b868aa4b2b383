namespace Push.ServiceDefaults.Bus;

/// <summary>The publications of one channel that are sent and not yet confirmed, by sequence number: a ring, because those follow one another.</summary>
internal sealed class ConfirmWindow(int capacity, ConfirmedPublications confirmed) : IDisposable
{
    private readonly SemaphoreSlim _places = new(capacity);
    private readonly OutgoingPush?[] _ring = new OutgoingPush?[capacity];
    private readonly Lock _lock = new();

    // RabbitMQ counts from 1 in the order of publishing.
    private ulong _next = 1;
    private ulong _oldest = 1;
    private Exception? _failure;

    /// <summary>Waits until one more may be in flight.</summary>
    public Task WaitForPlaceAsync(CancellationToken cancellationToken) => _places.WaitAsync(cancellationToken);

    /// <summary>Enters the next publication. <see cref="WaitForPlaceAsync"/> comes first.</summary>
    public void Add(OutgoingPush push)
    {
        lock (_lock)
        {
            if (_failure is not null)
            {
                push.TrySetException(_failure);
                return;
            }

            _ring[_next++ % (ulong)capacity] = push;
        }
    }

    /// <summary>The broker has confirmed (or refused, where <paramref name="refusal"/> is given) <paramref name="sequence"/>, or everything up to it.</summary>
    public void Settle(ulong sequence, bool multiple, Exception? refusal = null)
    {
        lock (_lock)
        {
            for (var i = multiple ? _oldest : Math.Max(_oldest, sequence); i <= sequence && i < _next; i++)
            {
                Complete(i, refusal);
            }

            while (_oldest < _next && _ring[_oldest % (ulong)capacity] is null)
            {
                _oldest++;
                _places.Release();
            }
        }
    }

    /// <summary>Fails everything that is in flight and everything that is added from now on.</summary>
    public void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            for (var i = _oldest; i < _next; i++)
            {
                Complete(i, _failure);
            }

            _oldest = _next;
        }
    }

    public void Dispose() => _places.Dispose();

    private void Complete(ulong sequence, Exception? failure)
    {
        ref var place = ref _ring[sequence % (ulong)capacity];
        if (place is not null && failure is null)
        {
            // Kept first: from the moment on that its publisher knows, it must not get lost.
            confirmed.Add(place);
            place.TrySetResult();
            place.Release();
        }
        else
        {
            place?.TrySetException(failure!);
        }

        place = null;
    }
}
