using Microsoft.Extensions.Configuration.Memory;

namespace Push.AllInOne;

/// <summary>What makes the one command a start: Development unless something else is asked for, and a welcome instead of log lines.</summary>
internal static class Quickstart
{
    public const int Port = 8080;

    public static WebApplicationOptions Options(string[] args)
    {
        var isGiven = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is { Length: > 0 }
            || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is { Length: > 0 }
            || Array.Exists(args, arg => arg.StartsWith("--environment", StringComparison.OrdinalIgnoreCase));
        return new WebApplicationOptions { Args = args, EnvironmentName = isGiven ? null : Environments.Development };
    }

    public static void AddWelcome(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning")],
        });
        builder.Services.AddHostedService<Welcome>();
    }
}
