using Push.DeployTests.Settings;
using k8s.Models;

namespace Push.DeployTests.Manifests;

internal static class OverlaySettings
{
    /// <summary>The variables of a workload as far as the overlay holds them: those of secrets that exist already in the cluster are not known.</summary>
    public static EnvironmentSettings SettingsOf(this Overlay overlay, Workload workload)
    {
        var variables = new Dictionary<string, string?>();
        foreach (var source in workload.Container.EnvFrom ?? [])
        {
            foreach (var (key, value) in Read(overlay, source))
            {
                variables[key] = value;
            }
        }

        foreach (var variable in workload.Container.Env ?? [])
        {
            variables[variable.Name] = variable.Value;
        }

        return new EnvironmentSettings(variables);
    }

    private static IEnumerable<KeyValuePair<string, string>> Read(Overlay overlay, V1EnvFromSource source)
    {
        if (source.ConfigMapRef is { } map)
        {
            return overlay.Get<V1ConfigMap>(map.Name).Data;
        }

        var secret = overlay.All<V1Secret>().SingleOrDefault(candidate => candidate.Metadata.Name == source.SecretRef.Name);
        return secret?.Data.Select(pair => KeyValuePair.Create(pair.Key, System.Text.Encoding.UTF8.GetString(pair.Value))) ?? [];
    }
}
