using Push.Api;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

var builder = WebApplication.CreateSlimBuilder(args);
if (HealthProbe.IsRequestedBy(args))
{
    return await HealthProbe.RunAsync(builder.Configuration, ApiModule.DefaultPort);
}

builder.AddServiceDefaults("push-api");
builder.ListenOn(ApiModule.DefaultPort);
builder.AddPushBus();
builder.AddPushApi();

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushApi();
return await app.RunServiceAsync();
