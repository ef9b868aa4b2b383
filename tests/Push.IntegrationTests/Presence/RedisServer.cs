using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Push.IntegrationTests.Presence;

/// <summary>A redis-server of a test's own, so that it can be emptied, paused and stopped.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("push-redis-").FullName;
    private readonly int _port = FreePort();
    private Process? _process;
    private ConnectionMultiplexer? _admin;

    public string ConnectionString => $"127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public IDatabase Database => (_admin ?? throw new InvalidOperationException("Not started.")).GetDatabase();

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.StartProcessAsync();
        return server;
    }

    public async Task StartProcessAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder, "--logfile", "redis.log"]));
        var until = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                _admin = await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},allowAdmin=true,connectTimeout=200,connectRetry=1");
                return;
            }
            catch (RedisConnectionException) when (until.Elapsed < StartTimeout)
            {
                await Task.Delay(20);
            }
        }
    }

    public async Task StopProcessAsync()
    {
        await _admin!.DisposeAsync();
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Answers nobody for a while; what runs out meanwhile is gone afterwards.</summary>
    public Task PauseAsync(TimeSpan duration) => Database.ExecuteAsync("CLIENT", "PAUSE", (long)duration.TotalMilliseconds, "ALL");

    public async ValueTask DisposeAsync()
    {
        await StopProcessAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
