using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>Publishes over RabbitMQ.Client: a push is accepted when the broker has confirmed it, and refused at once while there is no connection.</summary>
/// <remarks>
/// Confirmed means stored, whatever happens to the stream: where a new epoch says that it may have lost publications, or a broker that was away comes
/// back without the last one, those of the last seconds before are published once more, ahead of all others. Edges drop what they have read.
/// </remarks>
internal sealed partial class StreamPublisher(
    BrokerLink link,
    BrokerAddress address,
    StreamMetrics metrics,
    IOptions<BusOptions> options,
    TimeProvider time,
    ILogger<StreamPublisher> logger) : BackgroundService, IPublicationPublisher
{
    // Clients may have come to other Edges since, which do not know what was delivered before: better lost than an hour late.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private const int RepublishBatch = 512;

    private readonly ConfirmedPublications _confirmed = new(time);
    private readonly Queue<ConfirmedPublication> _toRepublish = new();
    private volatile PublishSession? _session;
    private string? _epoch;

    /// <summary>Whether a push has a chance to be confirmed.</summary>
    public bool IsReady => _session is { IsBlocked: false };

    public ValueTask PublishAsync(scoped in DecodedPublication publication, CancellationToken cancellationToken)
    {
        var caller = Activity.Current;
        var activity = MessagingSpan.StartPublish(address, publication.Id, publication.Target);
        var session = _session;
        var push = session is { IsBlocked: false } ? new OutgoingPush(publication) : null;

        // The span goes on behind this call; what the caller begins meanwhile is no part of it.
        Activity.Current = caller;
        return ConfirmAsync(session, push, activity, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => link.RunAsync("publisher", ServeAsync, stoppingToken);

    private async ValueTask ConfirmAsync(PublishSession? session, OutgoingPush? push, Activity? activity, CancellationToken cancellationToken)
    {
        using var span = activity;
        try
        {
            if (session is null || push is null)
            {
                throw new BrokerUnavailableException(session is null ? "There is no connection to the broker." : "The broker accepts no messages for now.");
            }

            await ConfirmAsync(session, push, cancellationToken);
        }
        catch (BrokerUnavailableException e)
        {
            activity.Fail(e);
            throw;
        }
    }

    private async ValueTask ConfirmAsync(PublishSession session, OutgoingPush push, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(session, push, cancellationToken).WaitAsync(options.Value.ConfirmTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Still queued, it is not sent any more.
            push.TrySetCanceled(CancellationToken.None);
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw new BrokerUnavailableException("The broker did not confirm the message in time.", e);
        }
    }

    private static async Task PublishAsync(PublishSession session, OutgoingPush push, CancellationToken cancellationToken)
    {
        await HandOverAsync(session, push, cancellationToken);
        await push.Task;
    }

    private static async Task HandOverAsync(PublishSession session, OutgoingPush push, CancellationToken cancellationToken)
    {
        if (!await session.TryEnqueueAsync(push, cancellationToken))
        {
            push.Release();
            throw new BrokerUnavailableException("The connection to the broker was lost.");
        }
    }

    private async Task ServeAsync(IConnection connection, EpochWatch epochs, CancellationToken lost)
    {
        var changed = new SemaphoreSlim(1);
        epochs.Changed = _ => changed.Release();
        await using var session = await PublishSession.OpenAsync(connection, _confirmed, time, lost);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost);
        _confirmed.Resume();
        var running = session.RunAsync(ended.Token);
        var following = FollowEpochsAsync(connection, session, epochs, changed, ended.Token);
        try
        {
            await await Task.WhenAny(running, following);
        }
        finally
        {
            _confirmed.Pause();
            epochs.Changed = null;
            await ended.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _session = null;
        }
    }

    /// <summary>Lets publishers in once what a new epoch lost is stored again.</summary>
    private async Task FollowEpochsAsync(IConnection connection, PublishSession session, EpochWatch epochs, SemaphoreSlim changed, CancellationToken ended)
    {
        while (true)
        {
            await changed.WaitAsync(ended);
            var chain = epochs.Chain;
            var epoch = chain.Current!.Epoch;
            var isAnother = _epoch is not null && epoch != _epoch && chain.MayHaveLostAfter(_epoch);
            if (isAnother || await HasLostAsync(connection, ended))
            {
                _confirmed.TakeAll().ForEach(_toRepublish.Enqueue);
            }

            _epoch = epoch;
            await RepublishAsync(session, ended);
            _session = session;
        }
    }

    /// <summary>
    /// Whether the broker came back with older data. A reader sees that only where it has read what is gone now: the last ones, perhaps nobody has. A stream
    /// loses its end, so that it has all where it has the last one.
    /// </summary>
    private async Task<bool> HasLostAsync(IConnection connection, CancellationToken ended) =>
        _confirmed.Last is { } last && !await StreamSearch.HoldsAsync(connection, last.MessageId, time.GetElapsedTime(last.ConfirmedAt), time, ended);

    /// <summary>What is not confirmed when the session ends stays for the next one.</summary>
    private async Task RepublishAsync(PublishSession session, CancellationToken ended)
    {
        GiveUpOld();
        if (_toRepublish.Count > 0)
        {
            LogRepublishing(_epoch!, _toRepublish.Count);
        }

        while (_toRepublish.Count > 0)
        {
            var batch = _toRepublish.Take(RepublishBatch).Select(publication => new OutgoingPush(publication)).ToArray();
            foreach (var push in batch)
            {
                await HandOverAsync(session, push, ended);
            }

            await Task.WhenAll(batch.Select(push => push.Task)).WaitAsync(options.Value.ConfirmTimeout, time, ended);
            foreach (var _ in batch)
            {
                _toRepublish.Dequeue();
                metrics.Republished(stored: true);
            }
        }
    }

    private void GiveUpOld()
    {
        var givenUp = 0;
        while (_toRepublish.TryPeek(out var oldest) && time.GetElapsedTime(oldest.ConfirmedAt) > MaxAge)
        {
            _toRepublish.Dequeue();
            metrics.Republished(stored: false);
            givenUp++;
        }

        if (givenUp > 0)
        {
            LogGivenUp(givenUp, MaxAge);
        }
    }

    [LoggerMessage(EventIds.Republishing, LogLevel.Warning, "The stream may have lost what was confirmed just before (its epoch is {Epoch}): publishing {Count} publications once more")]
    private partial void LogRepublishing(string epoch, int count);

    [LoggerMessage(EventIds.RepublishingGivenUp, LogLevel.Error, "{Count} confirmed publications could not be stored again for {Age}: they are given up")]
    private partial void LogGivenUp(int count, TimeSpan age);
}
