using MassTransit;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Over the in-memory bus an Edge is attached as soon as its endpoint is up, and stays so.</summary>
internal sealed class InMemoryAttachment(EdgeReadiness readiness) : IReceiveEndpointObserver
{
    public Task Ready(ReceiveEndpointReady ready)
    {
        if (ready.InputAddress.AbsolutePath.EndsWith($"/{BusNames.PushStream}", StringComparison.Ordinal))
        {
            readiness.StreamAttached();
        }

        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
}
