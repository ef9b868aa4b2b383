using Push.Edge;
using Xunit;
using k8s.Models;

namespace Push.DeployTests.Manifests;

public sealed class ScalingTests(RenderedOverlays overlays)
{
    private const string ConnectionsMetric = "push_edge_connections";

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_autoscaler_has_a_workload_whose_requests_it_measures_by(string name) =>
        Assert.All(overlays[name].All<V2HorizontalPodAutoscaler>(), scaler =>
        {
            var deployment = overlays[name].Get<V1Deployment>(scaler.Spec.ScaleTargetRef.Name);
            Assert.Equal(("apps/v1", "Deployment"), (scaler.Spec.ScaleTargetRef.ApiVersion, scaler.Spec.ScaleTargetRef.Kind));
            Assert.Null(deployment.Spec.Replicas);
            Assert.Contains(scaler.Spec.Metrics, metric => metric.Resource?.Name == "cpu");
            Assert.Contains("cpu", overlays[name].GetWorkload(deployment.Metadata.Name).Container.Resources.Requests.Keys);
        });

    [Fact]
    public void Edges_are_scaled_by_their_connections_well_below_their_limit()
    {
        var prod = overlays[RenderedOverlays.Prod];
        var target = prod.Get<V2HorizontalPodAutoscaler>("edge").Spec.Metrics.Single(metric => metric.Pods?.Metric.Name == ConnectionsMetric).Pods.Target;

        AssertBelowTheLimit(prod, target.AverageValue.ToDecimal());
    }

    [Theory]
    [InlineData(RenderedOverlays.ProdWithKeda)]
    [InlineData(RenderedOverlays.ProdWithBoth)]
    public void With_KEDA_the_scaled_object_takes_the_autoscaler_s_place(string name)
    {
        var keda = overlays[name];
        var scaled = keda.Get<ScaledObject>("edge").Spec;

        Assert.DoesNotContain(keda.All<V2HorizontalPodAutoscaler>(), scaler => scaler.Metadata.Name == "edge");
        Assert.NotNull(keda.Get<V1Deployment>(scaled.ScaleTargetRef.Name));
        Assert.Equal(["cpu", "prometheus"], scaled.Triggers.Select(trigger => trigger.Type).Order());
        var connections = scaled.Triggers.Single(trigger => trigger.Type == "prometheus").Metadata;
        Assert.Contains(ConnectionsMetric, connections["query"], StringComparison.Ordinal);
        Assert.Contains($"namespace=\"{keda.All<V1Namespace>().Single().Metadata.Name}\"", connections["query"], StringComparison.Ordinal);
        AssertBelowTheLimit(keda, int.Parse(connections["threshold"], null));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void A_roll_out_never_takes_away_an_Edge_before_its_successor_is_ready(string name)
    {
        var rollOut = overlays[name].Get<V1Deployment>("edge").Spec;

        Assert.Equal("0", rollOut.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.True(rollOut.MinReadySeconds > 0);
    }

    private static void AssertBelowTheLimit(Overlay overlay, decimal target)
    {
        var limit = overlay.SettingsOf(overlay.GetWorkload("edge")).Bind<EdgeOptions>(EdgeOptions.Section).MaxConnections;
        Assert.InRange(target, limit / 3m, limit * 2 / 3m);
    }
}
