using Push.AllInOne;
using Push.Api;
using Push.Edge;
using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Startup;
using Push.Sweeper;

return await ServiceRunner.RunAsync(args, Quickstart.Port, () =>
{
    var builder = Quickstart.CreateBuilder(args);
    builder.AddEmbeddedStore();
    builder.AddServiceDefaults("push");
    builder.AddMessaging(inMemoryWithoutBroker: true);
    builder.AddPushApi();
    builder.AddPushEdge();
    builder.AddPushSweeper();
    builder.ListenOnBothPorts();

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushApi();
    app.MapPushEdge();
    return app;
});
