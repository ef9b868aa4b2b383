using System.Diagnostics;
using MassTransit;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Takes publications from the in-memory bus, where publisher and Edge share a process.</summary>
internal sealed class PushRequestedConsumer(PublicationPipeline pipeline) : IConsumer<PushRequested>
{
    public Task Consume(ConsumeContext<PushRequested> context)
    {
        pipeline.Handle(context.Message, Activity.Current?.Context ?? default);
        return Task.CompletedTask;
    }
}
