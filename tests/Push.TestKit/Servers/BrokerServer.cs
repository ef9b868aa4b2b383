using Push.TestKit.Network;

namespace Push.TestKit.Servers;

/// <summary>
/// A real RabbitMQ with its management API, to be stopped, paused and started again at will. Tests take a virtual host each,
/// so those that break nothing can share a server.
/// </summary>
public sealed class BrokerServer : IAsyncDisposable
{
    private readonly IServerHost _host;
    private readonly BrokerAccount _account;

    private BrokerServer(IServerHost host, BrokerAccount account, Uri management)
    {
        _host = host;
        _account = account;
        Management = new BrokerManagement(management, account);
    }

    public BrokerManagement Management { get; }

    /// <summary>A server of the caller's own (in the environment's mode: a way of its own to the shared one).</summary>
    public static Task<BrokerServer> StartAsync(CancellationToken cancellationToken = default) => new ServerSource<BrokerServer>
    {
        Variable = "PUSH_TEST_RABBITMQ",
        Remedy = "The tests need RabbitMQ 3.9 or later: set PUSH_TEST_RABBITMQ to an amqp:// address (and PUSH_TEST_RABBITMQ_MANAGEMENT to its management API), "
            + "start a Docker engine, or install rabbitmq-server (apt-get install rabbitmq-server, brew install rabbitmq).",
        UseRemoteAsync = UseRemoteAsync,
        StartContainerAsync = StartContainerAsync,
        StartProgramAsync = BrokerProgram.Find() is { } program ? token => StartProgramAsync(program, token) : null,
    }.StartAsync(cancellationToken);

    /// <summary>A server whose data can be changed while it is stopped: a program of this machine, whatever else there is. Null where none is installed.</summary>
    public static async Task<BrokerServer?> StartWithDataAtHandAsync(CancellationToken cancellationToken = default) =>
        BrokerProgram.Find() is { } program ? await StartProgramAsync(program, cancellationToken) : null;

    /// <summary>A virtual host with nothing in it, deleted when it is disposed of.</summary>
    public async Task<VirtualHost> CreateVirtualHostAsync(CancellationToken cancellationToken = default)
    {
        var name = $"push-{Guid.NewGuid():N}";
        await Management.CreateVirtualHostAsync(name, cancellationToken);
        return new VirtualHost(name, new Uri($"amqp://{_account.UserInfo}@{_host.Address}/{name}"), Management);
    }

    /// <summary>Stops the server as an operator would: its data stays.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Starts the stopped server on the same port with the same data.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Ends the server at once, as a crash does.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => _host.KillAsync(cancellationToken);

    /// <summary>Its default virtual host, which comes back by itself where the data is wiped.</summary>
    public Uri Address => new($"amqp://{_account.UserInfo}@{_host.Address}");

    /// <summary>Replaces a stopped server's data by a copy; by nothing where <paramref name="copy"/> is null.</summary>
    public void ReplaceData(PrivateFolder? copy)
    {
        Directory.Delete(Data, recursive: true);
        Copy(copy?.Path, Data);
    }

    /// <summary>Copies a stopped server's data.</summary>
    public PrivateFolder CopyData()
    {
        var copy = new PrivateFolder("rabbitmq-copy");
        Copy(Data, copy.Path);
        return copy;
    }

    /// <summary>Connections stay open, nothing is answered.</summary>
    public Task PauseAsync(CancellationToken cancellationToken = default) => _host.PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken = default) => _host.ResumeAsync(cancellationToken);

    /// <summary>The end of the server's log, for the message of a failure.</summary>
    public string LogTail() => _host.LogTail();

    private string Data => _host.DataFolder ?? throw new InvalidOperationException("The server's data is not on this machine.");

    private static void Copy(string? from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in from is null ? [] : Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from!, folder)));
        }

        foreach (var file in from is null ? [] : Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from!, file)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Management.Dispose();
        await _host.DisposeAsync();
    }

    private static async Task<BrokerServer> UseRemoteAsync(string connectionString, CancellationToken cancellationToken)
    {
        const int DefaultPort = 5672;
        const int DefaultManagementPort = 15672;

        var uri = new Uri(connectionString);
        var management = Environment.GetEnvironmentVariable("PUSH_TEST_RABBITMQ_MANAGEMENT") is { Length: > 0 } address
            ? address
            : $"http://{uri.Host}:{DefaultManagementPort}";
        var host = new RemoteHost(new ServerAddress(uri.Host, uri.IsDefaultPort ? DefaultPort : uri.Port));
        return await StartAsync(host, BrokerAccount.Of(uri), new Uri(management), cancellationToken);
    }

    private static Task<BrokerServer> StartContainerAsync(CancellationToken cancellationToken)
    {
        var (host, account, management) = BrokerContainer.Create();
        return StartAsync(host, account, management, cancellationToken);
    }

    private static Task<BrokerServer> StartProgramAsync(string program, CancellationToken cancellationToken)
    {
        var (host, management) = BrokerProgram.Create(program);
        return StartAsync(host, BrokerAccount.Guest, management, cancellationToken);
    }

    private static async Task<BrokerServer> StartAsync(IServerHost host, BrokerAccount account, Uri management, CancellationToken cancellationToken)
    {
        var server = new BrokerServer(host, account, management);
        try
        {
            await host.StartAsync(cancellationToken);
            await server.Management.WaitUntilReachableAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
