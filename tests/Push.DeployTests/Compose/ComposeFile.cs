using System.Text.Json.Nodes;
using Push.DeployTests.Manifests;
using Push.DeployTests.Settings;
using Push.TestKit;

namespace Push.DeployTests.Compose;

/// <summary>docker-compose.yml with the defaults of its variables.</summary>
internal static class ComposeFile
{
    public static IReadOnlyDictionary<string, JsonObject> Services { get; } = YamlToJson.ReadAll(WithDefaults(SolutionFolder.Read("docker-compose.yml"))).Single()["services"]!.AsObject()
        .ToDictionary(service => service.Key, service => service.Value!.AsObject());

    /// <summary>What is built from this repository.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Built { get; } =
        Services.Where(service => service.Value.ContainsKey("build")).ToDictionary();

    public static bool IsOptional(JsonObject service) => service.ContainsKey("profiles");

    /// <summary>The variables of a service; those that it only gets where the operator has set them are null.</summary>
    public static EnvironmentSettings SettingsOf(JsonObject service) =>
        new(service["environment"]!.AsObject().ToDictionary(variable => variable.Key, variable => variable.Value?.ToString()));

    /// <summary>Each service that it waits for, and what for.</summary>
    public static IReadOnlyDictionary<string, string> ConditionsOf(JsonObject service) =>
        service["depends_on"]!.AsObject().ToDictionary(dependency => dependency.Key, dependency => (string)dependency.Value!["condition"]!);

    // ${NAME:-default}
    private static string WithDefaults(string yaml) =>
        System.Text.RegularExpressions.Regex.Replace(yaml, @"\$\{\w+:-(?<default>[^}]*)\}", match => match.Groups["default"].Value);
}
