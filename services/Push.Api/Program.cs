using Push.Api;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

return HealthProbe.IsRequestedBy(args)
    ? await HealthProbe.RunAsync(WebApplication.CreateSlimBuilder(args).Configuration, ApiModule.DefaultPort)
    : await ServiceRunner.RunAsync(Build);

WebApplication Build()
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.AddServiceDefaults("push-api");
    builder.AddPushBus();
    builder.AddPushApi();
    builder.ListenOn(ApiModule.DefaultPort);

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    app.MapPushApi();
    return app;
}
