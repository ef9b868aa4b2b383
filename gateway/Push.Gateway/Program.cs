using Push.Gateway;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

// The routes are in appsettings.json beside the assembly, wherever the process was started.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
if (HealthProbe.IsRequestedBy(args))
{
    return await HealthProbe.RunAsync(builder.Configuration, GatewayModule.DefaultPort);
}

builder.AddServiceDefaults("push-gateway");
builder.ListenOn(GatewayModule.DefaultPort);
builder.AddPushGateway();

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
app.MapPushGateway();
return await app.RunServiceAsync();
