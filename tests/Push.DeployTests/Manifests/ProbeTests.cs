using Push.Edge;
using Xunit;
using k8s.Models;

namespace Push.DeployTests.Manifests;

public sealed class ProbeTests(RenderedOverlays overlays)
{
    /// <summary>.NET's own, where a service does not ask for more.</summary>
    private static readonly TimeSpan HostShutdownTimeout = TimeSpan.FromSeconds(30);

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_service_is_probed_after_5_s_every_3_s_and_after_10_s_every_5_s(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload =>
        {
            AssertTiming(workload.Container.ReadinessProbe, 5, 3);
            AssertTiming(workload.Container.LivenessProbe, 10, 5);
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void What_fronts_the_API_is_probed_by_its_public_health_on_8080(string name)
    {
        var gateway = overlays[name].GetWorkload("gateway");

        Assert.Equal(8080, gateway.FindPort(gateway.Container.ReadinessProbe.HttpGet.Port));
        Assert.Equal("/health", gateway.Container.ReadinessProbe.HttpGet.Path);
        Assert.Equal("/health", gateway.Container.LivenessProbe.HttpGet.Path);
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void No_liveness_probe_asks_for_the_broker_or_the_store(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload =>
            Assert.Contains(workload.Container.LivenessProbe.HttpGet.Path, (string[])["/health", "/health/live"]));

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void An_Edge_that_drains_is_not_ready(string name) =>
        Assert.Equal("/health/ready", overlays[name].GetWorkload("edge").Container.ReadinessProbe.HttpGet.Path);

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void The_grace_period_is_longer_than_preStop_and_shutdown_together(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload =>
        {
            var preStop = TimeSpan.FromSeconds(workload.Container.Lifecycle?.PreStop.Sleep.Seconds ?? 0);
            Assert.True(TimeSpan.FromSeconds(workload.Pod.TerminationGracePeriodSeconds ?? 30) > preStop + HostShutdownTimeout, workload.Name);
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void The_Edge_has_time_to_drain_after_its_endpoint_is_gone(string name)
    {
        var edge = overlays[name].GetWorkload("edge");
        var preStop = edge.Container.Lifecycle.PreStop.Sleep.Seconds;
        var drain = overlays[name].SettingsOf(edge).Bind<EdgeOptions>(EdgeOptions.Section).DrainTimeout;

        Assert.InRange(preStop, 5, 10);
        Assert.True(TimeSpan.FromSeconds(edge.Pod.TerminationGracePeriodSeconds!.Value) > TimeSpan.FromSeconds(preStop) + drain + TimeSpan.FromSeconds(5));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void WebSockets_may_be_silent_for_longer_than_the_pause_between_two_pings(string name)
    {
        var annotations = overlays[name].Get<V1Ingress>("push-websocket").Metadata.Annotations;
        var pingInterval = overlays[name].SettingsOf(overlays[name].GetWorkload("edge")).Bind<EdgeOptions>(EdgeOptions.Section).PingInterval;

        Assert.All((string[])["proxy-read-timeout", "proxy-send-timeout"], annotation =>
            Assert.True(int.Parse(annotations[$"nginx.ingress.kubernetes.io/{annotation}"], null) > 2 * pingInterval.TotalSeconds));
    }

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void No_ingress_logs_queries_since_tokens_are_in_them(string name) =>
        Assert.All(overlays[name].All<V1Ingress>(), ingress => Assert.Equal("false", ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/enable-access-log"]));

    private static void AssertTiming(V1Probe probe, int after, int every)
    {
        Assert.Equal(after, probe.InitialDelaySeconds);
        Assert.Equal(every, probe.PeriodSeconds);
    }
}
