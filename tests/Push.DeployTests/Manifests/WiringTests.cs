using Xunit;
using k8s.Models;

namespace Push.DeployTests.Manifests;

/// <summary>What one object says of another holds.</summary>
public sealed class WiringTests(RenderedOverlays overlays)
{
    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_workload_selects_its_own_pods(string name)
    {
        Assert.NotEmpty(overlays[name].Workloads);
        Assert.All(overlays[name].Workloads, workload =>
        {
            Assert.True(workload.Selector.Selects(workload.Labels), workload.Name);
            Assert.Single(overlays[name].Workloads, other => workload.Selector.Selects(other.Labels));
        });
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_service_leads_to_a_port_of_one_workload(string name) =>
        Assert.All(overlays[name].All<V1Service>(), service =>
        {
            var target = Assert.Single(overlays[name].Workloads, workload => LabelSelection.IsPartOf(service.Spec.Selector, workload.Labels));
            Assert.All(service.Spec.Ports, port => Assert.NotNull(target.FindPort(port.TargetPort)));
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_stateful_set_has_its_headless_service(string name) =>
        Assert.All(overlays[name].All<V1StatefulSet>(), set => Assert.Equal("None", overlays[name].Get<V1Service>(set.Spec.ServiceName).Spec.ClusterIP));

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_ingress_leads_to_a_port_of_a_service(string name)
    {
        var backends = overlays[name].All<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths)
            .Select(path => path.Backend.Service).ToList();

        Assert.Equal(["edge", "gateway"], backends.Select(backend => backend.Name).Distinct().Order());
        Assert.All(backends, backend => Assert.Contains(overlays[name].Get<V1Service>(backend.Name).Spec.Ports, port => port.Name == backend.Port.Name));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_probe_asks_a_port_of_its_container(string name) =>
        Assert.All(overlays[name].Workloads, workload =>
        {
            var ports = workload.Probes().Select(probe => probe.HttpGet?.Port ?? probe.TcpSocket?.Port).OfType<IntOrString>();
            Assert.All(ports, port => Assert.NotNull(workload.FindPort(port)));
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_mounted_volume_exists(string name) =>
        Assert.All(overlays[name].Workloads, workload =>
        {
            var claims = overlays[name].All<V1StatefulSet>().Where(set => set.Metadata.Name == workload.Name)
                .SelectMany(set => set.Spec.VolumeClaimTemplates ?? []).Select(claim => claim.Metadata.Name);
            Assert.Subset(workload.Pod.Volumes.Select(volume => volume.Name).Concat(claims).ToHashSet(), workload.Container.VolumeMounts.Select(mount => mount.Name).ToHashSet());
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_object_lies_in_the_namespace_of_the_overlay(string name)
    {
        var own = Assert.Single(overlays[name].All<V1Namespace>());

        Assert.All(overlays[name].Objects.Where(candidate => candidate is not V1Namespace), candidate =>
            Assert.Equal(own.Metadata.Name, candidate.Metadata.NamespaceProperty));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_pod_has_a_disruption_budget_and_is_spread_over_nodes(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload =>
        {
            Assert.Single(overlays[name].All<V1PodDisruptionBudget>(), budget => budget.Spec.Selector.Selects(workload.Labels));
            Assert.Contains(workload.Pod.TopologySpreadConstraints, spread => spread.TopologyKey == "kubernetes.io/hostname");
            Assert.All(workload.Pod.TopologySpreadConstraints, spread => Assert.True(spread.LabelSelector.Selects(workload.Labels)));
        });
}
