using System.Diagnostics;
using MassTransit;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Takes publications from the in-memory bus, where publisher and Edge share a process.</summary>
internal sealed class PushRequestedConsumer(PublicationPipeline pipeline) : IConsumer<PushRequested>
{
    public Task Consume(ConsumeContext<PushRequested> context)
    {
        var trace = context.Headers.Get<string>(BusNames.TraceParentHeader);
        pipeline.Handle(context.Message, ActivityContext.TryParse(trace, null, isRemote: true, out var parent) ? parent : default);
        return Task.CompletedTask;
    }
}
