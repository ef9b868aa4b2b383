using System.Globalization;
using Push.TestKit.Network;
using StackExchange.Redis;

namespace Push.TestKit.Servers;

/// <summary>
/// A real Redis, to be stopped, paused and started again at will; it keeps nothing over a restart. Tests take a database each,
/// so those that break nothing can share a server.
/// </summary>
public sealed class StoreServer : IAsyncDisposable
{
    // Of the whole process: in the environment's mode several of these lead to one server.
    private static readonly DatabaseNumbers Databases = new();

    private readonly IServerHost _host;
    private readonly ConfigurationOptions _options;

    private StoreServer(IServerHost host, ConfigurationOptions options)
    {
        _host = host;
        _options = options;
        _options.EndPoints.Clear();
        _options.EndPoints.Add(host.Address.Host, host.Address.Port);
        _options.AbortOnConnectFail = false;
    }

    /// <summary>A server of the caller's own (in the environment's mode: a way of its own to the shared one).</summary>
    public static Task<StoreServer> StartAsync(CancellationToken cancellationToken = default) => new ServerSource<StoreServer>
    {
        Variable = "PUSH_TEST_REDIS",
        Remedy = "The tests need Redis 6 or later: set PUSH_TEST_REDIS to a connection string such as localhost:6379, "
            + "start a Docker engine, or install redis-server (apt-get install redis-server, brew install redis).",
        UseRemoteAsync = UseRemoteAsync,
        StartContainerAsync = token => StartAsync(StoreContainer.Create(), new ConfigurationOptions(), token),
        StartProgramAsync = StoreProgram.Find() is { } program ? token => StartAsync(StoreProgram.Create(program), new ConfigurationOptions(), token) : null,
    }.StartAsync(cancellationToken);

    /// <summary>An empty database, given back when it is disposed of.</summary>
    public async Task<StoreDatabase> TakeDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var number = Databases.Take();
        var options = _options.Clone();
        options.DefaultDatabase = number;
        var database = new StoreDatabase(options.ToString(includePassword: true), () => Databases.GiveBack(number));
        await database.ClearAsync(cancellationToken);
        return database;
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Starts the stopped server on the same port, without its data.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Connections stay open, nothing is answered; keys run out meanwhile.</summary>
    public Task PauseAsync(CancellationToken cancellationToken = default) => _host.PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken = default) => _host.ResumeAsync(cancellationToken);

    /// <summary>The end of the server's log, for the message of a failure.</summary>
    public string LogTail() => _host.LogTail();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static Task<StoreServer> UseRemoteAsync(string connectionString, CancellationToken cancellationToken)
    {
        const int DefaultPort = 6379;

        var options = ConfigurationOptions.Parse(connectionString);
        var (host, port) = options.EndPoints[0] switch
        {
            System.Net.DnsEndPoint name => (name.Host, name.Port),
            System.Net.IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            var other => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"PUSH_TEST_REDIS names {other}, not a host")),
        };
        return StartAsync(new RemoteHost(new ServerAddress(host, port == 0 ? DefaultPort : port)), options, cancellationToken);
    }

    private static async Task<StoreServer> StartAsync(IServerHost host, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
            return new StoreServer(host, options);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
