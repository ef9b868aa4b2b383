using System.Threading.Channels;
using Push.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// Publishing over one connection. One loop sends, so that publications keep the order in which they were handed over; many are in flight
/// before the first is confirmed.
/// </summary>
internal sealed class PublishSession : IAsyncDisposable
{
    private const int MaxQueued = 1024;
    private const int MaxInFlight = 1024;

    private static readonly CachedString Exchange = new(BusNames.PushExchange);
    private static readonly CachedString NoRoutingKey = new("");

    private readonly Channel<OutgoingPush> _queue =
        Channel.CreateBounded<OutgoingPush>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });

    private readonly ConfirmWindow _window;
    private readonly TaskCompletionSource<BrokerUnavailableException> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IChannel _channel;
    private readonly IChannel _watching;
    private readonly TimeProvider _time;
    private volatile bool _blocked;

    private PublishSession(IConnection connection, IChannel channel, IChannel watching, ConfirmedPublications confirmed, TimeProvider time)
    {
        _channel = channel;
        _watching = watching;
        _time = time;
        _window = new ConfirmWindow(MaxInFlight, confirmed);
        channel.BasicAcksAsync += (_, ack) => Settle(ack.DeliveryTag, ack.Multiple, refusal: null);
        channel.BasicNacksAsync += (_, nack) =>
            Settle(nack.DeliveryTag, nack.Multiple, new BrokerUnavailableException("The broker refused the message."));
        channel.BasicReturnAsync += OnReturned;
        channel.ChannelShutdownAsync += OnShutdown;
        connection.ConnectionBlockedAsync += (_, _) => SetBlocked(true);
        connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(false);
    }

    /// <summary>The broker has told us to stop publishing (a memory or disk alarm).</summary>
    public bool IsBlocked => _blocked;

    public static async Task<PublishSession> OpenAsync(
        IConnection connection,
        ConfirmedPublications confirmed,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        // Tracking by the library would add a header to every message, which every reader then parses.
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        return new PublishSession(
            connection,
            await connection.CreateChannelAsync(options, cancellationToken),
            await connection.CreateChannelAsync(cancellationToken: cancellationToken),
            confirmed,
            time);
    }

    /// <summary>Takes the publication over, waiting while too many are queued. False when the session has ended.</summary>
    public async ValueTask<bool> TryEnqueueAsync(OutgoingPush push, CancellationToken cancellationToken)
    {
        try
        {
            // Writers that wait for a place are let in in their order, so this keeps the order of the calls.
            await _queue.Writer.WriteAsync(push, cancellationToken);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Sends until the connection is lost, the stream deleted or the session broken: then it throws.</summary>
    public async Task RunAsync(CancellationToken lost)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost);
        var watching = WatchAsync(ended.Token);
        var sending = SendAsync(ended.Token);
        await Task.WhenAny(sending, watching, _broken.Task);
        await ended.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_broken.Task.IsCompleted)
        {
            throw await _broken.Task;
        }

        await watching;
        await sending;
    }

    /// <summary>Fails what is queued and in flight.</summary>
    public async ValueTask DisposeAsync()
    {
        var failure = new BrokerUnavailableException("The connection to the broker was lost before it confirmed the message.");
        _queue.Writer.TryComplete();
        _window.Fail(failure);
        while (_queue.Reader.TryRead(out var push))
        {
            push.TrySetException(failure);
        }

        await _channel.DisposeAsync();
        await _watching.DisposeAsync();
        _window.Dispose();
    }

    private async Task SendAsync(CancellationToken ended)
    {
        await foreach (var push in _queue.Reader.ReadAllAsync(ended))
        {
            if (push.Task.IsCompleted)
            {
                // Its publisher has been told that it failed.
                push.Release();
                continue;
            }

            await _window.WaitForPlaceAsync(ended);
            _window.Add(push);
            await _channel.BasicPublishAsync(Exchange, NoRoutingKey, mandatory: true, push.Properties, push.Body, ended);
        }
    }

    private async Task WatchAsync(CancellationToken ended)
    {
        var deletion = await StreamDeletion.WatchAsync(_watching, ended);
        await deletion.WaitAsync(_time, ended);
        Break(new BrokerUnavailableException("The stream was deleted, or can't be served."));
    }

    private Task Settle(ulong sequence, bool multiple, Exception? refusal)
    {
        _window.Settle(sequence, multiple, refusal);
        return Task.CompletedTask;
    }

    /// <summary>No queue took the message: the stream is gone, so whatever is in flight is lost as well. A new session makes the stream anew.</summary>
    private Task OnReturned(object sender, BasicReturnEventArgs returned)
    {
        // Before the confirmation: that follows the return at once.
        Break(new BrokerUnavailableException($"The broker returned the message: {returned.ReplyText}"));
        return Task.CompletedTask;
    }

    private Task OnShutdown(object sender, ShutdownEventArgs reason)
    {
        Break(new BrokerUnavailableException($"The broker closed the channel: {reason.ReplyText}"));
        return Task.CompletedTask;
    }

    private void Break(BrokerUnavailableException failure)
    {
        _window.Fail(failure);
        _broken.TrySetResult(failure);
    }

    private Task SetBlocked(bool blocked)
    {
        _blocked = blocked;
        return Task.CompletedTask;
    }
}

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
