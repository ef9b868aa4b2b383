using Push.Gateway;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

return await ServiceRunner.RunAsync(args, GatewayModule.DefaultPort, () =>
{
    var builder = ServiceArguments.CreateBuilder(args);
    builder.AddServiceDefaults("push-gateway");
    builder.AddPushGateway();
    builder.ListenOn(GatewayModule.DefaultPort);

    var app = builder.Build();
    app.MapServiceDefaults();
    app.MapPushGateway();
    return app;
});
