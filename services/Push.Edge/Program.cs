using Push.Edge;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;

return HealthProbe.IsRequestedBy(args)
    ? await HealthProbe.RunAsync(WebApplication.CreateSlimBuilder(args).Configuration, EdgeModule.DefaultPort)
    : await ServiceRunner.RunAsync(Build);

WebApplication Build()
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.AddServiceDefaults("push-edge");
    builder.AddPushBus();
    builder.AddPushEdge();
    builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades());

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    app.MapPushEdge();
    return app;
}
