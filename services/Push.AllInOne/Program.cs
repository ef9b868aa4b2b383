using Push.AllInOne;
using Push.Api;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateSlimBuilder(Quickstart.Options(args));
using var store = EmbeddedStore.StartUnlessConfigured(builder.Configuration);
builder.AddQuickstart();
builder.AddServiceDefaults("push");
builder.AddPushBus(inMemoryWithoutBroker: true);
builder.AddPushApi();
builder.ListenOn(defaultPort: 8080);
builder.ListenOn(defaultPort: 8081, section: "Listen:Edge");

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushApi();
return await app.RunServiceAsync();
