using k8s.Models;
using Xunit;

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
        Assert.False(traffic.FromNamespace("default", "edge", 8081));
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
    [InlineData("gateway", 8080)]
    [InlineData("edge", 8081)]
    [InlineData("api", 8082)]
    [InlineData("sweeper", 8083)]
    public void Telemetry_goes_to_and_comes_from_the_monitoring_namespace(string service, int port)
    {
        var traffic = new Traffic(overlays[RenderedOverlays.Prod]);

        Assert.True(traffic.FromNamespace("monitoring", service, port));
        Assert.True(traffic.ToNamespace(service, "monitoring", 4317));
        Assert.True(traffic.ToNamespace(service, "kube-system", 53));
    }
}
