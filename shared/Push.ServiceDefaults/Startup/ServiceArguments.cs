using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Startup;

/// <summary>
/// What a service is started with. Settings come, the later ones first, from <c>--Section:Key=value</c>, the environment, the file that <c>--config</c> names, and
/// <c>appsettings.json</c> in the service's own folder. The folder in which it is started has no part in that: another project's settings may lie there.
/// </summary>
public static class ServiceArguments
{
    private const string Config = "--config";

    /// <summary>What has no section: this class's own, and the host's.</summary>
    private static readonly string[] WithoutSection = ["config", "environment", "applicationName", "contentRoot", "urls"];

    /// <summary>A builder with these settings.</summary>
    /// <param name="args">The process's arguments.</param>
    /// <param name="environment">Null for what <c>ASPNETCORE_ENVIRONMENT</c> says, or Production.</param>
    /// <exception cref="OptionsValidationException">The file of <c>--config</c> cannot be read.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args, string? environment = null)
    {
        var builder = Read("appsettings.json", () => WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, EnvironmentName = environment }));
        if (ConfigFile(args) is { } file)
        {
            AddFile(builder.Configuration, Path.GetFullPath(file));
        }

        return builder;
    }

    /// <summary>What is wrong with the arguments; null if nothing is. An argument that nobody reads is a mistake that would otherwise start a service with other settings.</summary>
    internal static string? Check(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            var equals = arg.IndexOf('=');
            var name = equals < 0 ? arg : arg[..equals];
            if (!name.StartsWith("--", StringComparison.Ordinal) || name.Length == 2)
            {
                // Not the value: it may be a secret.
                return $"'{name}' is no argument of this service: settings are given as --Section:Key=value.";
            }

            if (name.Equals("--health", StringComparison.OrdinalIgnoreCase))
            {
                return "--health takes no value and no other argument.";
            }

            if (!name.Contains(':') && !IsKnown(name[2..]))
            {
                return $"'{name}' is no argument of this service: settings are given as --Section:Key=value, with a colon where the environment has two underscores.";
            }

            if (equals >= 0)
            {
                continue;
            }

            if (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal))
            {
                return $"{arg} has no value: settings are given as --Section:Key=value.";
            }
        }

        return null;
    }

    private static bool IsKnown(string name) =>
        name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase) || Array.Exists(WithoutSection, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string? ConfigFile(string[] args)
    {
        var at = Array.FindLastIndex(args, arg => arg.Equals(Config, StringComparison.OrdinalIgnoreCase) || arg.StartsWith(Config + "=", StringComparison.OrdinalIgnoreCase));
        return at < 0 ? null : args[at].Length > Config.Length ? args[at][(Config.Length + 1)..] : args.ElementAtOrDefault(at + 1);
    }

    private static void AddFile(ConfigurationManager configuration, string path)
    {
        // Below the environment and the arguments, above appsettings.json.
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var environment = sources.Select((source, index) => (source, index)).LastOrDefault(pair => pair.source is EnvironmentVariablesConfigurationSource { Prefix: null or "" }).index;
        Read($"{Config}: {path}", () =>
        {
            var file = new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false);
            file.Build();
            sources.Insert(environment, file.Sources[0]);
            return file;
        });
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new OptionsValidationException(Config, typeof(ServiceArguments), [$"{file} cannot be read: {e.GetBaseException().Message}"]);
        }
    }
}
