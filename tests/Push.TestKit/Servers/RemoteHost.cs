using Push.TestKit.Network;

namespace Push.TestKit.Servers;

/// <summary>A server that the tests did not start: faults are made on the way to it.</summary>
internal sealed class RemoteHost(ServerAddress server) : IServerHost
{
    private readonly TcpProxy _proxy = TcpProxy.Start(server);
    private bool _isStopped;

    public ServerAddress Address => _proxy.Address;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_isStopped)
        {
            _proxy.Accept();
            _isStopped = false;
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopped = true;
        await _proxy.RefuseAsync();
    }

    public string? DataFolder => null;

    /// <summary>Seen from here the same.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    public Task PauseAsync(CancellationToken cancellationToken)
    {
        _proxy.Hold();
        return Task.CompletedTask;
    }

    public Task ResumeAsync(CancellationToken cancellationToken)
    {
        _proxy.Release();
        return Task.CompletedTask;
    }

    public string LogTail() => "";

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();
}
