using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Push.Auth.Access;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Edge.Lifecycle;
using Push.Edge.Listening;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Hosting;
using Push.TestKit.Capture;
using Push.TestKit.Clients;
using Push.TestKit.Network;

namespace Push.IntegrationTests.Listening;

/// <summary>An Edge on a free port of a real Kestrel, without bus and store: listening, connections and fan-out.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StrongBox<int> _kestrelConnections;

    private EdgeHost(WebApplication app, CapturedLog log, StrongBox<int> kestrelConnections)
    {
        _app = app;
        _kestrelConnections = kestrelConnections;
        Log = log;
    }

    /// <summary>How many connections Kestrel has been given: those that the loops do not serve.</summary>
    public int KestrelConnections => Volatile.Read(ref _kestrelConnections.Value);

    public CapturedLog Log { get; }

    public Uri Address => new(_app.Urls.Single());

    public EdgeReadiness Readiness => _app.Services.GetRequiredService<EdgeReadiness>();

    public IConnectionListenerFactory Listeners => _app.Services.GetServices<IConnectionListenerFactory>().OfType<LoopListenerFactory>().Single();

    public EventLoops Loops => _app.Services.GetRequiredService<EventLoops>();

    public ConnectionRegistry Connections => _app.Services.GetRequiredService<ConnectionRegistry>();

    public string Token { get; private set; } = "";

    /// <summary>A query with a valid token and the rooms.</summary>
    public string Query(string rooms = "") => $"?token={Token}&roomIds={rooms}";

    public static Task<EdgeHost> StartAsync(params (string Key, string? Value)[] settings) => StartAsync(null, settings);

    /// <param name="configure">Registers what takes the place of the server's own.</param>
    /// <param name="settings">Of the Edge.</param>
    public static async Task<EdgeHost> StartAsync(Action<IServiceCollection>? configure, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        var log = new CapturedLog();
        builder.Configuration["Listen:Url"] = "http://127.0.0.1:0";
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.AddServiceDefaults("push-edge");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddValidatedOptions<EdgeOptions>(EdgeOptions.Section);
        builder.AddTokens();
        builder.AddAccess();
        builder.Services.AddSingleton<EdgeReadiness>();
        builder.Services.AddSingleton<DuplicateWindow>();
        builder.AddFanout();
        builder.Services.AddListening();
        builder.Services.AddLifecycle();
        var kestrelConnections = new StrongBox<int>();
        builder.ListenOn(EdgeModule.DefaultPort, listen =>
        {
            listen.Use(next => context =>
            {
                Interlocked.Increment(ref kestrelConnections.Value);
                return next(context);
            });
            listen.ServeWebSockets();
        });
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapHandshakes();
        app.MapGet("/hello", (HttpContext context) =>
        {
            context.Response.ContentLength = 5;
            context.Response.BodyWriter.Write("hello"u8);
        });
        await app.StartAsync();

        var host = new EdgeHost(app, log, kestrelConnections) { Token = app.Services.GetRequiredService<TokenIssuer>().Issue("device", null, isLogin: false) };
        host.Readiness.StreamAttached();
        return host;
    }

    public void Publish(string room, string text) => _app.Services.GetRequiredService<RoomFanout>().Publish(
        new Publication { Target = RoomKey.Room(room), Payload = System.Text.Encoding.UTF8.GetBytes(text) });

    public Task<RawClient> ConnectAsync(SelfSignedCertificate? certificate = null) => RawClient.ConnectAsync(Address, certificate);

    /// <summary>A client whose handshake has been accepted.</summary>
    /// <param name="rooms">Its rooms.</param>
    /// <param name="certificate">With TLS, the server's.</param>
    /// <param name="inPieces">Its handshake comes in two packets.</param>
    public async Task<RawClient> OpenAsync(string rooms = "", SelfSignedCertificate? certificate = null, bool inPieces = false)
    {
        var client = await ConnectAsync(certificate);
        var handshake = RawClient.Handshake(Query(rooms));
        if (inPieces)
        {
            await client.SendAsync(handshake[..1]);
            await Task.Yield();
            handshake = handshake[1..];
        }

        await client.SendAsync(handshake);
        var response = await client.ReadResponseAsync();
        return response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ? client : throw new InvalidDataException(response);
    }

    /// <summary>A client that is served over ASP.NET Core's pipes: its handshake follows another request.</summary>
    public async Task<RawClient> OpenKeptAliveAsync(string rooms = "")
    {
        var client = await ConnectAsync();
        await client.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReadResponseAsync();
        await client.SendAsync(RawClient.Handshake(Query(rooms)));
        var response = await client.ReadResponseAsync();
        return response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ? client : throw new InvalidDataException(response);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Log.Dispose();
    }
}
