using Push.AllInOne;
using Push.Api;
using Push.Edge;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;
using Push.Sweeper;

var builder = WebApplication.CreateSlimBuilder(Quickstart.Options(args));
if (HealthProbe.IsRequestedBy(args))
{
    return await HealthProbe.RunAsync(builder.Configuration, Quickstart.ApiPort);
}

using var store = EmbeddedStore.StartUnlessConfigured(builder.Configuration);
builder.AddQuickstart();
builder.AddServiceDefaults("push");
builder.AddPushBus(inMemoryWithoutBroker: true);
builder.AddPushApi();
builder.AddPushEdge();
builder.AddPushSweeper();
builder.ListenOn(Quickstart.ApiPort, listen => listen.TakeOverUpgrades());
builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades(), section: "Listen:Edge");

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushApi();
app.MapPushEdge();
return await app.RunServiceAsync();
