using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>Reads manifests into the Kubernetes client's models and accepts nothing that they do not know.</summary>
internal static class ManifestReader
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Every model that has a version and a kind of its own, by both.</summary>
    private static readonly Dictionary<(string ApiVersion, string Kind), Type> Models = typeof(V1Pod).Assembly.GetExportedTypes()
        .Append(typeof(ScaledObject))
        .Select(type => (Type: type, Entity: (KubernetesEntityAttribute?)Attribute.GetCustomAttribute(type, typeof(KubernetesEntityAttribute))))
        .Where(model => model.Entity is not null && !model.Entity.Kind.EndsWith("List", StringComparison.Ordinal))
        .ToDictionary(model => (ApiVersion(model.Entity!), model.Entity!.Kind), model => model.Type);

    /// <exception cref="JsonException">A field is unknown or holds the wrong type.</exception>
    /// <exception cref="YamlDotNet.Core.YamlException">It is no YAML, or a key occurs twice.</exception>
    /// <exception cref="InvalidOperationException">The version and kind are unknown.</exception>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Read(string yaml) => [.. YamlToJson.ReadAll(yaml).Select(Read)];

    private static IKubernetesObject<V1ObjectMeta> Read(JsonNode document)
    {
        var key = ((string?)document["apiVersion"] ?? "", (string?)document["kind"] ?? "");
        var model = Models.GetValueOrDefault(key) ?? throw new InvalidOperationException($"There is no {key.Item2} in {key.Item1}.");
        try
        {
            return (IKubernetesObject<V1ObjectMeta>)document.Deserialize(model, Strict)!;
        }
        catch (JsonException e)
        {
            throw new JsonException($"{key.Item2} {(document["metadata"] as JsonObject)?["name"]}: {e.Message}", e);
        }
    }

    private static string ApiVersion(KubernetesEntityAttribute entity) => entity.Group.Length == 0 ? entity.ApiVersion : $"{entity.Group}/{entity.ApiVersion}";
}
