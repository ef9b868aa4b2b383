using Push.Gateway;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

return HealthProbe.IsRequestedBy(args)
    ? await HealthProbe.RunAsync(WebApplication.CreateSlimBuilder(args).Configuration, GatewayModule.DefaultPort)
    : await ServiceRunner.RunAsync(Build);

WebApplication Build()
{
    // The routes are in appsettings.json beside the assembly, wherever the process was started.
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddServiceDefaults("push-gateway");
    builder.AddPushGateway();
    builder.ListenOn(GatewayModule.DefaultPort);

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    app.MapPushGateway();
    return app;
}
