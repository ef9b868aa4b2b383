using k8s;
using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>What Deployments and StatefulSets have in common.</summary>
internal sealed record Workload(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template)
{
    public V1PodSpec Pod => Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    /// <summary>The services of this repository; the others are a broker and a store of the dev overlay.</summary>
    public bool IsPush => Container.Image.Split('/')[^1].StartsWith("push-", StringComparison.Ordinal);

    public static Workload? From(IKubernetesObject<V1ObjectMeta> candidate) => candidate switch
    {
        V1Deployment it => new(it.Metadata.Name, it.Spec.Selector, it.Spec.Template),
        V1StatefulSet it => new(it.Metadata.Name, it.Spec.Selector, it.Spec.Template),
        _ => null,
    };

    public IEnumerable<V1Probe> Probes() => new[] { Container.StartupProbe, Container.ReadinessProbe, Container.LivenessProbe }.OfType<V1Probe>();

    /// <summary>The number of the port that a Service, a probe or a policy means by name or number; null where no container has it.</summary>
    public int? FindPort(IntOrString port) =>
        Container.Ports.SingleOrDefault(candidate => candidate.Name == port.Value || $"{candidate.ContainerPort}" == port.Value)?.ContainerPort;

    public override string ToString() => Name;
}
