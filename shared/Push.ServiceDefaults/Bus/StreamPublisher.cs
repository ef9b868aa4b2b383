using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>Publishes over RabbitMQ.Client: a push is accepted when the broker has confirmed it, and refused at once while there is no connection.</summary>
internal sealed class StreamPublisher(BrokerLink link, BrokerAddress address, IOptions<BusOptions> options, TimeProvider time) : BackgroundService, IPushPublisher
{
    private volatile PublishSession? _session;

    /// <summary>Whether a push has a chance to be confirmed.</summary>
    public bool IsReady => _session is { IsBlocked: false };

    public async ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        using var activity = MessagingSpan.StartPublish(address, request, target);
        try
        {
            await ConfirmAsync(request, target, cancellationToken);
        }
        catch (BrokerUnavailableException e)
        {
            activity.Fail(e);
            throw;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => link.RunAsync("publisher", ServeAsync, stoppingToken);

    private async ValueTask ConfirmAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        var session = _session ?? throw new BrokerUnavailableException("There is no connection to the broker.");
        if (session.IsBlocked)
        {
            throw new BrokerUnavailableException("The broker accepts no messages for now.");
        }

        var push = new OutgoingPush(request, target);
        try
        {
            await HandOverAsync(session, push, cancellationToken).WaitAsync(options.Value.ConfirmTimeout, time, cancellationToken);
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

    private static async Task HandOverAsync(PublishSession session, OutgoingPush push, CancellationToken cancellationToken)
    {
        if (!await session.TryEnqueueAsync(push, cancellationToken))
        {
            push.Dispose();
            throw new BrokerUnavailableException("The connection to the broker was lost.");
        }

        await push.Task;
    }

    private async Task ServeAsync(IConnection connection, string epoch, CancellationToken lost)
    {
        await using var session = await PublishSession.OpenAsync(connection, lost);
        _session = session;
        try
        {
            await session.RunAsync(lost);
        }
        finally
        {
            _session = null;
        }
    }
}
