using Push.ServiceDefaults;
using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Telemetry;
using Push.Sweeper;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults("push-sweeper");
builder.ListenOn(defaultPort: 8083);
builder.AddPushBus();
builder.AddPushSweeper();

var app = builder.Build();
app.MapHealth();
app.MapMetrics();
await app.RunAsync();
