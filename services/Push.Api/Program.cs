using Push.Api;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults("push-api");
builder.ListenOn(defaultPort: 8082);
builder.AddPushBus();
builder.AddPushApi();

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushApi();
return await app.RunServiceAsync();
