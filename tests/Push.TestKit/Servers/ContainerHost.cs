using DotNet.Testcontainers.Containers;
using Push.TestKit.Network;

namespace Push.TestKit.Servers;

/// <summary>A server that runs in a container of the tests, on a host port that was chosen beforehand: one chosen by the engine changes with a restart.</summary>
internal sealed class ContainerHost(IContainer container, int hostPort, Func<CancellationToken, Task<bool>> isReady) : IServerHost
{
    private static readonly TimeSpan RestartLimit = TimeSpan.FromMinutes(3);

    public ServerAddress Address => new(container.Hostname, hostPort);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await container.StartAsync(cancellationToken);
        await Deadline.UntilAsync(isReady, RestartLimit, $"start of the container {container.Name}", cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => container.StopAsync(cancellationToken);

    public string? DataFolder => null;

    public Task KillAsync(CancellationToken cancellationToken) => container.StopAsync(cancellationToken);

    public Task PauseAsync(CancellationToken cancellationToken) => container.PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken) => container.UnpauseAsync(cancellationToken);

    public string LogTail() => $"(docker logs {container.Id})";

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
