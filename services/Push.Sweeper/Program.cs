using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;
using Push.Sweeper;

var builder = WebApplication.CreateSlimBuilder(args);
if (HealthProbe.IsRequestedBy(args))
{
    return await HealthProbe.RunAsync(builder.Configuration, defaultPort: 8083);
}

builder.AddServiceDefaults("push-sweeper");
builder.ListenOn(defaultPort: 8083);
builder.AddPushBus();
builder.AddPushSweeper();

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
return await app.RunServiceAsync();
