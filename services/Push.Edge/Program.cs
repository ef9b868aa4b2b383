using Push.Edge;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

return await ServiceRunner.RunAsync(args, EdgeModule.DefaultPort, () =>
{
    var builder = ServiceArguments.CreateBuilder(args);
    builder.AddServiceDefaults("push-edge");
    builder.AddPushBus();
    builder.AddPushEdge();
    builder.ListenOn(EdgeModule.DefaultPort, listen => listen.TakeOverUpgrades());

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushEdge();
    return app;
});
