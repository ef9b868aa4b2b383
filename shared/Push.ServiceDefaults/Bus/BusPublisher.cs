using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Options;
using Push.Contracts;

namespace Push.ServiceDefaults.Bus;

/// <summary>Publishes over the in-memory bus: for a host that holds publisher and Edge in one process.</summary>
internal sealed class BusPublisher(IBus bus, IOptions<BusOptions> options, TimeProvider time) : IPushPublisher
{
    public async ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken)
    {
        using var activity = MessagingSpan.StartPublish(broker: null, request, target);
        try
        {
            await bus.Publish(request, SetTrace, cancellationToken).WaitAsync(options.Value.ConfirmTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            activity.Fail(e);
            throw new BrokerUnavailableException("The bus did not take the message in time.", e);
        }
    }
    // MassTransit would do so only while its own spans are on.
    private static void SetTrace(PublishContext<PushRequested> context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent })
        {
            context.Headers.Set(BusNames.TraceParentHeader, traceParent);
        }
    }
}
