using Xunit;

namespace Push.DeployTests.Manifests;

public sealed class SecurityTests(RenderedOverlays overlays)
{
    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_pod_runs_without_root_and_without_the_cluster_s_credentials(string name) =>
        Assert.All(overlays[name].Workloads, workload =>
        {
            Assert.True(workload.Pod.SecurityContext.RunAsNonRoot, workload.Name);
            Assert.True(workload.Pod.SecurityContext.RunAsUser > 0, workload.Name);
            Assert.Equal("RuntimeDefault", workload.Pod.SecurityContext.SeccompProfile.Type);
            Assert.False(workload.Pod.AutomountServiceAccountToken, workload.Name);
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_container_is_read_only_and_has_no_privileges(string name) =>
        Assert.All(overlays[name].Workloads, workload =>
        {
            var security = workload.Container.SecurityContext;
            Assert.True(security.ReadOnlyRootFilesystem, workload.Name);
            Assert.False(security.AllowPrivilegeEscalation, workload.Name);
            Assert.Equal(["ALL"], security.Capabilities.Drop);
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_container_says_what_it_needs_and_how_much_memory_it_may_take(string name) =>
        Assert.All(overlays[name].Workloads, workload =>
        {
            Assert.Subset(workload.Container.Resources.Requests.Keys.ToHashSet(), new HashSet<string> { "cpu", "memory" });
            Assert.Contains("memory", workload.Container.Resources.Limits.Keys);
        });

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_image_has_a_version(string name) =>
        Assert.All(overlays[name].Workloads, workload => Assert.Matches("^[a-z0-9./-]+:(?!latest$)[a-z0-9.-]+$", workload.Container.Image));
}
