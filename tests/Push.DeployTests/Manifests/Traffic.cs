using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>Who may open a connection to whom by the network policies of an overlay; pods of other namespaces are told by their namespace alone.</summary>
internal sealed class Traffic(Overlay overlay)
{
    private readonly IReadOnlyList<V1NetworkPolicy> _policies = [.. overlay.All<V1NetworkPolicy>()];

    public bool Between(string from, string to, int port)
    {
        var (source, target) = (overlay.GetWorkload(from), overlay.GetWorkload(to));
        return Leaves(source, peer => IsPod(peer, source: target), port) && Enters(target, peer => IsPod(peer, source), port);
    }

    public bool FromNamespace(string from, string to, int port) => Enters(overlay.GetWorkload(to), peer => IsNamespace(peer, from), port);

    /// <summary>From any address, as clients outside the cluster have.</summary>
    public bool FromAnywhere(string to, int port) => Enters(overlay.GetWorkload(to), _ => false, port);

    public bool ToNamespace(string from, string to, int port) => Leaves(overlay.GetWorkload(from), peer => IsNamespace(peer, to), port);

    /// <summary>To any address, as a broker outside the cluster has.</summary>
    public bool ToAnywhere(string from, int port) => Leaves(overlay.GetWorkload(from), _ => false, port);

    private bool Enters(Workload target, Func<V1NetworkPolicyPeer, bool> isPeer, int port) =>
        PoliciesOf(target, "Ingress").SelectMany(policy => policy.Spec.Ingress ?? [])
            .Any(rule => (rule.FromProperty is null || rule.FromProperty.Any(isPeer)) && (rule.Ports ?? []).Any(allowed => target.FindPort(allowed.Port) == port));

    private bool Leaves(Workload source, Func<V1NetworkPolicyPeer, bool> isPeer, int port) =>
        PoliciesOf(source, "Egress").SelectMany(policy => policy.Spec.Egress ?? [])
            .Any(rule => (rule.To is null || rule.To.Any(isPeer)) && rule.Ports.Any(allowed => allowed.Port.Value == $"{port}"));

    private IEnumerable<V1NetworkPolicy> PoliciesOf(Workload workload, string direction) =>
        _policies.Where(policy => policy.Spec.PolicyTypes.Contains(direction) && policy.Spec.PodSelector.Selects(workload.Labels));

    private static bool IsPod(V1NetworkPolicyPeer peer, Workload source) => peer.NamespaceSelector is null && peer.PodSelector.Selects(source.Labels);

    private static bool IsNamespace(V1NetworkPolicyPeer peer, string name) =>
        peer.NamespaceSelector?.Selects(new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = name }) == true;
}
