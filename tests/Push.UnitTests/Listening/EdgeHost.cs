using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Push.Contracts;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Consumers;
using Push.Edge.Fanout;
using Push.Edge.Listening;
using Push.Edge.Liveness;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Access;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Hosting;
using Push.Tokens;
using Push.UnitTests.ServiceDefaults;

namespace Push.UnitTests.Listening;

/// <summary>An Edge on a free port of a real Kestrel, without bus and store: listening, connections and fan-out.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EdgeHost(WebApplication app, CapturedLog log)
    {
        _app = app;
        Log = log;
    }

    public CapturedLog Log { get; }

    public Uri Address => new(_app.Urls.Single());

    public EdgeReadiness Readiness => _app.Services.GetRequiredService<EdgeReadiness>();

    public ConnectionRegistry Connections => _app.Services.GetRequiredService<ConnectionRegistry>();

    public string Token { get; private set; } = "";

    /// <summary>A query with a valid token and the rooms.</summary>
    public string Query(string rooms = "") => $"?token={Token}&roomIds={rooms}";

    public static async Task<EdgeHost> StartAsync(params (string Key, string? Value)[] settings)
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
        builder.Services.AddSingleton<PresenceRegistrar>();
        builder.Services.AddSingleton<DuplicateWindow>();
        builder.AddFanout();
        builder.Services.AddListening();
        builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades());
        var app = builder.Build();
        app.MapUpgrades();
        app.MapGet("/hello", () => Results.Text("hello"));
        await app.StartAsync();

        var host = new EdgeHost(app, log) { Token = app.Services.GetRequiredService<TokenIssuer>().Issue("device", null, isLogin: false) };
        host.Readiness.StreamAttached();
        return host;
    }

    public void Publish(string room, string text) => _app.Services.GetRequiredService<RoomFanout>().Publish(
        new Publication(PushTarget.Room(room), System.Text.Encoding.UTF8.GetBytes(text), null, null, default));

    public Task<RawClient> ConnectAsync(SelfSignedCertificate? certificate = null) => RawClient.ConnectAsync(Address, certificate);

    /// <summary>A client whose handshake has been accepted.</summary>
    public async Task<RawClient> OpenAsync(string rooms = "", SelfSignedCertificate? certificate = null)
    {
        var client = await ConnectAsync(certificate);
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
