using k8s;
using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>What one overlay puts into a cluster.</summary>
internal sealed class Overlay(string name, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects)
{
    public string Name => name;

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects => objects;

    /// <summary>Deployments and StatefulSets.</summary>
    public IReadOnlyList<Workload> Workloads { get; } = [.. objects.Select(Workload.From).OfType<Workload>()];

    public IEnumerable<T> All<T>()
        where T : IKubernetesObject<V1ObjectMeta> => objects.OfType<T>();

    public T Get<T>(string objectName)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        All<T>().SingleOrDefault(candidate => candidate.Metadata.Name == objectName)
        ?? throw new InvalidOperationException($"{name} has no {typeof(T).Name} {objectName}.");

    public Workload GetWorkload(string workloadName) => Workloads.Single(workload => workload.Name == workloadName);

    public override string ToString() => name;
}
