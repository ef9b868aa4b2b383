using Microsoft.Extensions.Configuration.Memory;
using Push.Edge;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

namespace Push.AllInOne;

/// <summary>What makes the one command a start: Development unless something else is asked for, a welcome instead of log lines, two ports that serve everything.</summary>
internal static class Quickstart
{
    public const int Port = 8080;

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var isGiven = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is { Length: > 0 }
            || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 }
            || Array.Exists(args, arg => arg.StartsWith("--environment", StringComparison.OrdinalIgnoreCase));
        var builder = ServiceArguments.CreateBuilder(args, isGiven ? null : Environments.Development);

        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning")],
        });
        builder.Services.AddHostedService<Welcome>();
        return builder;
    }

    public static void ListenOnBothPorts(this WebApplicationBuilder builder)
    {
        builder.ListenOn(Port, listen => listen.ServeWebSockets());
        builder.ListenOn(EdgeModule.DefaultPort, listen => listen.ServeWebSockets(), section: "Listen:Edge");
    }
}
