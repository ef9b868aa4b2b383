using Push.AllInOne;
using Push.Api;
using Push.Edge;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.ServiceDefaults.Telemetry;
using Push.Sweeper;

return HealthProbe.IsRequestedBy(args)
    ? await HealthProbe.RunAsync(WebApplication.CreateSlimBuilder(args).Configuration, Quickstart.Port)
    : await ServiceRunner.RunAsync(Build);

WebApplication Build()
{
    var builder = WebApplication.CreateSlimBuilder(Quickstart.Options(args));
    EmbeddedStore.AddTo(builder);
    builder.AddWelcome();
    builder.AddServiceDefaults("push");
    builder.AddPushBus(inMemoryWithoutBroker: true);
    builder.AddPushApi();
    builder.AddPushEdge();
    builder.AddPushSweeper();
    builder.ListenOn(Quickstart.Port, listen => listen.TakeOverUpgrades());
    builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades(), section: "Listen:Edge");

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    app.MapPushApi();
    app.MapPushEdge();
    return app;
}
