using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;
using Push.Sweeper;

return HealthProbe.IsRequestedBy(args)
    ? await HealthProbe.RunAsync(WebApplication.CreateSlimBuilder(args).Configuration, SweeperModule.DefaultPort)
    : await ServiceRunner.RunAsync(Build);

WebApplication Build()
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.AddServiceDefaults("push-sweeper");
    builder.AddPushBus();
    builder.AddPushSweeper();
    builder.ListenOn(SweeperModule.DefaultPort);

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    return app;
}
