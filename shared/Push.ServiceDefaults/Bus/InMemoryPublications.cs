using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Push.Contracts;

namespace Push.ServiceDefaults.Bus;

/// <summary>
/// Carries publications where publisher and Edge share a process: a queue with a bound. A publication is accepted when the queue has taken it;
/// while the Edge is behind, publishers wait, and are refused in the end.
/// </summary>
public sealed class InMemoryPublications(IOptions<BusOptions> options, TimeProvider time) : IPushPublisher
{
    // At the largest message by default 32 MiB, and well under a second of fan-out.
    private const int Capacity = 1024;

    private readonly Channel<InMemoryPublication> _queue =
        Channel.CreateBounded<InMemoryPublication>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>For the one reader, in the order in which publishers were let in.</summary>
    public ChannelReader<InMemoryPublication> Reader => _queue.Reader;

    public async ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        using var activity = MessagingSpan.StartPublish(broker: null, request, target);
        var publication = new InMemoryPublication(request, Activity.Current?.Context ?? default);
        if (_queue.Writer.TryWrite(publication))
        {
            return;
        }

        using var deadline = new CancellationTokenSource(options.Value.ConfirmTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(publication, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = new BrokerUnavailableException("The queue did not take the message in time.", e);
            activity.Fail(failure);
            throw failure;
        }
    }
}

/// <param name="Request">What was published.</param>
/// <param name="Trace">The publisher's span; default where there is none.</param>
public sealed record InMemoryPublication(PushRequested Request, ActivityContext Trace);
