using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Push.Api;
using Push.Edge;
using Push.Gateway;
using Push.ServiceDefaults.Hosting;
using Push.Sweeper;
using Push.TestKit;

namespace Push.DeployTests.Settings;

/// <summary>The settings that the services read: every options class says by a constant which section it is bound to.</summary>
internal static class KnownSettings
{
    private const string SectionConstant = "Section";

    /// <summary>Read by the OpenTelemetry SDK itself.</summary>
    private const string TelemetryPrefix = "OTEL_";

    private static readonly string[] ConnectionStrings = ["ConnectionStrings:RabbitMq", "ConnectionStrings:Redis"];

    private static readonly (Type Type, string Section)[] Options = [.. ServiceAssemblies().SelectMany(assembly => assembly.GetTypes())
        .Select(type => (Type: type, Section: type.GetField(SectionConstant, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetRawConstantValue() as string))
        .Where(options => options.Section is not null && !options.Type.IsAbstract)
        .Select(options => (options.Type, options.Section!))
        .Append((typeof(ListenSettings), "Listen:Edge"))
        .Append((typeof(ListenSettings), "Metrics"))];

    private static readonly IConfiguration Gateway = new ConfigurationBuilder().AddJsonFile(SolutionFolder.PathOf("gateway/Push.Gateway/appsettings.json")).Build();

    /// <summary>Whether a service reads an environment variable of this name.</summary>
    public static bool Contains(string variable)
    {
        var path = variable.Replace("__", ":", StringComparison.Ordinal);
        return variable.StartsWith(TelemetryPrefix, StringComparison.Ordinal)
            || ConnectionStrings.Contains(path)
            || Options.Any(options => path.StartsWith($"{options.Section}:", StringComparison.Ordinal) && Resolves(options.Type, path[(options.Section.Length + 1)..].Split(':')))
            || Gateway.GetSection(path).Exists();
    }

    /// <summary>What is wrong with the values, by the services' own rules.</summary>
    public static IEnumerable<string> Errors(EnvironmentSettings settings) =>
        Options.Where(known => settings.Configuration.GetSection(known.Section).Exists()).SelectMany(known =>
        {
            var options = settings.Configuration.GetSection(known.Section).Get(known.Type)!;
            var errors = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true);
            return errors.Select(error => $"{known.Section}:{string.Join(',', error.MemberNames)}: {error.ErrorMessage}");
        });

    private static bool Resolves(Type type, ReadOnlySpan<string> steps)
    {
        if (steps.IsEmpty)
        {
            return true;
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            return int.TryParse(steps[0], out _) && Resolves(type.GenericTypeArguments[0], steps[1..]);
        }

        return type.GetProperty(steps[0]) is { } property && Resolves(property.PropertyType, steps[1..]);
    }

    private static IEnumerable<Assembly> ServiceAssemblies()
    {
        Assembly[] services = [typeof(ApiModule).Assembly, typeof(EdgeModule).Assembly, typeof(SweeperModule).Assembly, typeof(GatewayModule).Assembly];
        return services.Concat(services.SelectMany(service => service.GetReferencedAssemblies())
            .Where(name => name.Name!.StartsWith("Push.", StringComparison.Ordinal)).Select(Assembly.Load)).Distinct();
    }
}
