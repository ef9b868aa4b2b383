using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.TestKit.Servers;

/// <summary>A server that runs as a child process of the tests.</summary>
internal sealed class ProgramHost(ServerAddress address, PrivateFolder folder, Func<ChildProcess> start, Func<CancellationToken, Task<bool>> isReady, params ChildProcess[] companions)
    : IServerHost
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private ChildProcess? _process;

    public ServerAddress Address => address;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var process = start();
        _process = process;
        try
        {
            await Deadline.UntilAsync(
                async probing => process.HasExited ? throw new InvalidOperationException($"{process.Name} ended while it started") : await isReady(probing),
                StartLimit,
                $"start of {process.Name}",
                cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{e.Message}{Environment.NewLine}{LogTail()}", e);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_process is { } process)
        {
            await process.StopAsync(StopLimit);
            await process.DisposeAsync();
            _process = null;
        }
    }

    public string? DataFolder => Path.Combine(folder.Path, "data");

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await Running().KillAsync();
        await Running().DisposeAsync();
        _process = null;
    }

    public Task PauseAsync(CancellationToken cancellationToken) => Running().PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken) => Running().ResumeAsync(cancellationToken);

    public string LogTail() => _process?.Log.Tail() ?? "";

    public async ValueTask DisposeAsync()
    {
        foreach (var process in companions.Prepend(_process).OfType<ChildProcess>())
        {
            await process.DisposeAsync();
        }

        folder.Dispose();
    }

    private ChildProcess Running() => _process ?? throw new InvalidOperationException("the server is stopped");
}
