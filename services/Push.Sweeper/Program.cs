using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Push.Sweeper;

return await ServiceRunner.RunAsync(args, SweeperModule.DefaultPort, () =>
{
    var builder = ServiceArguments.CreateBuilder(args);
    builder.AddServiceDefaults("push-sweeper");
    builder.AddMessaging();
    builder.AddPushSweeper();
    builder.ListenOn(SweeperModule.DefaultPort);

    var app = builder.Build();
    app.MapServiceDefaults();
    return app;
});
