using Garnet;

namespace Push.AllInOne;

/// <summary>Garnet, a server that speaks Redis's protocol, within this process: it ends with the process.</summary>
internal sealed class EmbeddedStore(GarnetServer server) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        server.Dispose();
        return Task.CompletedTask;
    }
}
