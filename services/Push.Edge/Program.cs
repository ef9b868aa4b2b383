using Push.Edge;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateSlimBuilder(args);
if (HealthProbe.IsRequestedBy(args))
{
    return await HealthProbe.RunAsync(builder.Configuration, EdgeModule.DefaultPort);
}

builder.AddServiceDefaults("push-edge");
builder.AddPushBus();
builder.AddPushEdge();
builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades());

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushEdge();
return await app.RunServiceAsync();
