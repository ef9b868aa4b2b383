using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>The part of KEDA's custom resource that the manifests use; the Kubernetes client has no model of it.</summary>
[KubernetesEntity(Group = "keda.sh", ApiVersion = "v1alpha1", Kind = "ScaledObject", PluralName = "scaledobjects")]
internal sealed class ScaledObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public ScaledObjectSpec Spec { get; set; } = new();

    internal sealed class ScaledObjectSpec
    {
        [JsonPropertyName("scaleTargetRef")]
        public Target ScaleTargetRef { get; set; } = new();

        [JsonPropertyName("minReplicaCount")]
        public int MinReplicaCount { get; set; }

        [JsonPropertyName("maxReplicaCount")]
        public int MaxReplicaCount { get; set; }

        [JsonPropertyName("fallback")]
        public FallbackReplicas? Fallback { get; set; }

        [JsonPropertyName("triggers")]
        public IList<Trigger> Triggers { get; set; } = [];

        [JsonPropertyName("advanced")]
        public AdvancedSettings? Advanced { get; set; }
    }

    internal sealed class Target
    {
        [JsonPropertyName("name")]
        public string Name { get; set; } = "";
    }

    internal sealed class FallbackReplicas
    {
        [JsonPropertyName("failureThreshold")]
        public int FailureThreshold { get; set; }

        [JsonPropertyName("replicas")]
        public int Replicas { get; set; }

        [JsonPropertyName("behavior")]
        public string Behavior { get; set; } = "";
    }

    internal sealed class Trigger
    {
        [JsonPropertyName("type")]
        public string Type { get; set; } = "";

        [JsonPropertyName("metricType")]
        public string MetricType { get; set; } = "";

        [JsonPropertyName("metadata")]
        public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();
    }

    internal sealed class AdvancedSettings
    {
        [JsonPropertyName("horizontalPodAutoscalerConfig")]
        public AutoscalerSettings? HorizontalPodAutoscalerConfig { get; set; }
    }

    internal sealed class AutoscalerSettings
    {
        [JsonPropertyName("behavior")]
        public V2HorizontalPodAutoscalerBehavior? Behavior { get; set; }
    }
}
