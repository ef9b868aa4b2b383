using MassTransit;
using Microsoft.Extensions.Options;
using Push.Contracts;

namespace Push.ServiceDefaults.Bus;

/// <summary>Publishes over the in-memory bus: for a host that holds publisher and Edge in one process.</summary>
internal sealed class BusPublisher(IBus bus, IOptions<BusOptions> options, TimeProvider time) : IPushPublisher
{
    public async ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        using var activity = PublishTracing.Start(PublishTracing.InMemory, request, target);
        try
        {
            await bus.Publish(request, cancellationToken).WaitAsync(options.Value.ConfirmTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            activity.Fail(e);
            throw new BrokerUnavailableException("The bus did not take the message in time.", e);
        }
    }
}
