using Push.Edge;
using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

return await ServiceRunner.RunAsync(args, EdgeModule.DefaultPort, () =>
{
    var builder = ServiceArguments.CreateBuilder(args);
    builder.AddServiceDefaults("push-edge");
    builder.AddMessaging();
    builder.AddPushEdge();
    builder.ListenOn(EdgeModule.DefaultPort, listen => listen.ServeWebSockets());

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushEdge();
    return app;
});
