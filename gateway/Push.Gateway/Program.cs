using Push.Gateway;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

return await ServiceRunner.RunAsync(args, GatewayModule.DefaultPort, () =>
{
    // The routes are in appsettings.json beside the assembly, wherever the process was started.
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddServiceDefaults("push-gateway");
    builder.AddPushGateway();
    builder.ListenOn(GatewayModule.DefaultPort);

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushGateway();
    return app;
});
