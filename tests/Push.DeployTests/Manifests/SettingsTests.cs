using Push.DeployTests.Settings;
using Push.TestKit;
using Xunit;
using k8s.Models;

namespace Push.DeployTests.Manifests;

public sealed class SettingsTests(RenderedOverlays overlays)
{
    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_variable_of_a_service_is_one_of_its_settings(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload =>
            Assert.All(overlays[name].SettingsOf(workload).Variables.Keys, variable => Assert.True(KnownSettings.Contains(variable), variable)));

    [Theory]
    [MemberData(nameof(RenderedOverlays.Names), MemberType = typeof(RenderedOverlays))]
    public void Every_value_is_one_that_the_service_starts_with(string name) =>
        Assert.All(overlays[name].Workloads.Where(workload => workload.IsPush), workload => Assert.Empty(KnownSettings.Errors(overlays[name].SettingsOf(workload))));

    [Fact]
    public void The_dev_overlay_holds_every_secret_that_its_pods_read() => Assert.Empty(MissingSecrets(overlays[RenderedOverlays.Dev]));

    [Theory]
    [InlineData(RenderedOverlays.Prod)]
    [InlineData(RenderedOverlays.ProdWithKeda)]
    public void The_secrets_that_production_brings_are_documented(string name)
    {
        var operations = SolutionFolder.Read("docs/operations.md");
        var missing = MissingSecrets(overlays[name]).ToList();

        Assert.NotEmpty(missing);
        Assert.All(missing, secret => Assert.Contains($"create secret generic {secret} ", operations, StringComparison.Ordinal));
        Assert.Empty(overlays[name].All<V1Secret>());
    }

    [Fact]
    public void The_sweeper_gets_no_keys_and_the_gateway_no_secret_at_all()
    {
        var prod = overlays[RenderedOverlays.Prod];

        Assert.Equal(["push-broker", "push-store"], SecretsOf(prod.GetWorkload("sweeper")));
        Assert.Empty(SecretsOf(prod.GetWorkload("gateway")));
    }

    [Theory]
    [InlineData("Edge__DrainTimeOut")]
    [InlineData("Edge__DrainTimeout__0")]
    [InlineData("Access__ApiKeys__first")]
    [InlineData("ConnectionStrings__Rabbit")]
    [InlineData("ReverseProxy__Clusters__edges")]
    public void A_misspelt_variable_is_not_a_setting(string variable) => Assert.False(KnownSettings.Contains(variable));

    [Fact]
    public void A_value_out_of_range_is_an_error() =>
        Assert.Single(KnownSettings.Errors(new EnvironmentSettings(new Dictionary<string, string?> { ["Edge__DrainTimeout"] = "1.00:00:00" })));

    private static IEnumerable<string> MissingSecrets(Overlay overlay) =>
        overlay.Workloads.SelectMany(SecretsOf).Distinct().Except(overlay.All<V1Secret>().Select(secret => secret.Metadata.Name));

    private static IEnumerable<string> SecretsOf(Workload workload) =>
        (workload.Container.EnvFrom ?? []).Select(source => source.SecretRef?.Name).OfType<string>().Order();
}
