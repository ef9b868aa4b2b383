using Xunit;
using k8s.Models;

namespace Push.DeployTests.Manifests;

public sealed class NetworkPolicyTests(RenderedOverlays overlays)
{
    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Nothing_is_allowed_by_default(string name)
    {
        var denial = overlays[name].Get<V1NetworkPolicy>("deny-all").Spec;

        Assert.Equal(["Egress", "Ingress"], denial.PolicyTypes.Order());
        Assert.All(overlays[name].Workloads, workload => Assert.True(denial.PodSelector.Selects(workload.Labels)));
        Assert.Null(denial.Ingress);
        Assert.Null(denial.Egress);
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Clients_reach_the_gateway_and_the_Edges_and_nothing_behind_them(string name)
    {
        var traffic = new Traffic(overlays[name]);

        Assert.True(traffic.FromNamespace("ingress-nginx", "gateway", 8080));
        Assert.True(traffic.FromNamespace("ingress-nginx", "edge", 8081));
        Assert.False(traffic.FromNamespace("ingress-nginx", "api", 8082));
        Assert.Equal(name is RenderedOverlays.ProdWithLoadBalancer or RenderedOverlays.ProdWithBoth, traffic.FromNamespace("default", "edge", 8081));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Only_the_gateway_calls_other_services(string name)
    {
        var traffic = new Traffic(overlays[name]);

        Assert.True(traffic.Between("gateway", "api", 8082));
        Assert.True(traffic.Between("gateway", "edge", 8081));
        Assert.False(traffic.Between("edge", "api", 8082));
        Assert.False(traffic.Between("api", "edge", 8081));
        Assert.False(traffic.Between("sweeper", "edge", 8081));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("edge")]
    [InlineData("sweeper")]
    public void Whoever_needs_the_broker_and_the_store_reaches_them(string service)
    {
        var (dev, prod) = (new Traffic(overlays[RenderedOverlays.Dev]), new Traffic(overlays[RenderedOverlays.Prod]));

        Assert.True(dev.Between(service, "rabbitmq", 5672));
        Assert.True(dev.Between(service, "redis", 6379));
        Assert.All((int[])[5671, 5672, 6379, 6380], port => Assert.True(prod.ToAnywhere(service, port)));
        Assert.False(prod.ToAnywhere(service, 443));
        Assert.False(dev.Between("gateway", "rabbitmq", 5672));
        Assert.False(dev.Between("gateway", "redis", 6379));
    }

    [Theory]
    [InlineData(RenderedOverlays.Prod, false)]
    [InlineData(RenderedOverlays.ProdWithLoadBalancer, true)]
    [InlineData(RenderedOverlays.ProdWithBoth, true)]
    public void A_load_balancer_s_clients_reach_the_Edges_where_one_is_taken_in(string name, bool isReached)
    {
        var overlay = overlays[name];
        var balancers = overlay.All<V1Service>().Where(service => service.Spec.Type == "LoadBalancer").ToList();

        Assert.Equal(isReached, new Traffic(overlay).FromAnywhere("edge", 8081));
        Assert.False(new Traffic(overlay).FromAnywhere("gateway", 8080));
        Assert.Equal(isReached ? [8081] : [], balancers.SelectMany(service => service.Spec.Ports).Select(port => port.Port));
        Assert.All(balancers, service => Assert.True(LabelSelection.IsPartOf(service.Spec.Selector, overlay.GetWorkload("edge").Labels)));
    }

    [Theory]
    [InlineData("gateway", 8080)]
    [InlineData("edge", 8081)]
    [InlineData("api", 8082)]
    [InlineData("sweeper", 8083)]
    public void Telemetry_goes_to_and_comes_from_the_monitoring_namespace_by_a_port_that_nobody_else_reaches(string service, int port)
    {
        var overlay = overlays[RenderedOverlays.ProdWithBoth];
        var traffic = new Traffic(overlay);
        var pod = overlay.GetWorkload(service);
        var metrics = pod.FindPort("metrics")!.Value;

        Assert.Equal($"{metrics}", pod.Template.Metadata.Annotations["prometheus.io/port"]);
        Assert.Equal(metrics, new Uri(overlay.SettingsOf(pod).Variables["Metrics__Url"]!.Replace('*', 'x')).Port);
        Assert.DoesNotContain(overlay.All<V1Service>().SelectMany(each => each.Spec.Ports), exposed => exposed.TargetPort.Value is "metrics" || exposed.Port == metrics);
        Assert.True(traffic.FromNamespace("monitoring", service, metrics));
        Assert.Equal(service == "edge", traffic.FromNamespace("monitoring", service, port));
        Assert.False(traffic.FromNamespace("ingress-nginx", service, metrics));
        Assert.False(traffic.FromAnywhere(service, metrics));
        Assert.True(traffic.ToNamespace(service, "monitoring", 4317));
        Assert.True(traffic.ToNamespace(service, "kube-system", 53));
    }
}
