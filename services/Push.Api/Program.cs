using Push.Api;
using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

return await ServiceRunner.RunAsync(args, ApiModule.DefaultPort, () =>
{
    var builder = ServiceArguments.CreateBuilder(args);
    builder.AddServiceDefaults("push-api");
    builder.AddMessaging();
    builder.AddPushApi();
    builder.ListenOn(ApiModule.DefaultPort);

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushApi();
    return app;
});
