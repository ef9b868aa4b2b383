using System.Globalization;
using System.Text.Json.Nodes;
using Push.DeployTests.Settings;
using Push.Edge;
using Push.TestKit;
using Xunit;

namespace Push.DeployTests.Compose;

public sealed class ComposeFileTests
{
    [Fact]
    public void Every_variable_of_a_service_is_one_of_its_settings() =>
        Assert.All(ComposeFile.Built.Values, service =>
            Assert.All(ComposeFile.SettingsOf(service).Variables.Keys, variable => Assert.True(KnownSettings.Contains(variable), variable)));

    [Fact]
    public void Every_default_is_one_that_the_service_starts_with() =>
        Assert.All(ComposeFile.Built.Values, service =>
        {
            var set = ComposeFile.SettingsOf(service).Variables.Where(variable => variable.Value is not null).ToDictionary();
            Assert.Empty(KnownSettings.Errors(new EnvironmentSettings(set)));
        });

    [Fact]
    public void Nothing_is_published_beyond_loopback()
    {
        var ports = ComposeFile.Services.Values.SelectMany(service => service["ports"]?.AsArray() ?? []).Select(port => (string)port!).ToList();

        Assert.Contains("127.0.0.1:8080:8080", ports);
        Assert.Contains("127.0.0.1:8081:8081", ports);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_gateway_publishes_ports_so_that_everything_else_can_be_scaled() =>
        Assert.Equal(["gateway"], ComposeFile.Services.Where(service => !ComposeFile.IsOptional(service.Value) && service.Value.ContainsKey("ports")).Select(service => service.Key));

    [Fact]
    public void Prometheus_scrapes_every_service_where_it_serves_metrics_which_is_no_published_port()
    {
        var jobs = Manifests.YamlToJson.ReadAll(SolutionFolder.Read("deploy/prometheus/prometheus.yml")).Single()["scrape_configs"]!.AsArray()
            .SelectMany(job => job!["dns_sd_configs"]?.AsArray() ?? []).ToDictionary(names => (string)names!["names"]![0]!, names => (long)names!["port"]!);

        Assert.Equal(ComposeFile.Built.Keys.Order(), jobs.Keys.Order());
        Assert.All(ComposeFile.Built, service =>
        {
            Assert.EndsWith($":{jobs[service.Key]}", ComposeFile.SettingsOf(service.Value).Variables["Metrics__Url"], StringComparison.Ordinal);
            Assert.All(service.Value["ports"]?.AsArray() ?? [], port => Assert.False(((string)port!).EndsWith($":{jobs[service.Key]}", StringComparison.Ordinal)));
        });
    }

    [Fact]
    public void Services_start_when_what_they_need_is_healthy() =>
        Assert.All(ComposeFile.Built.Values, service =>
            Assert.All(ComposeFile.ConditionsOf(service), needed =>
            {
                Assert.Equal("service_healthy", needed.Value);
                Assert.True(ComposeFile.Built.ContainsKey(needed.Key) || ComposeFile.Services[needed.Key].ContainsKey("healthcheck"), needed.Key);
                Assert.False(ComposeFile.IsOptional(ComposeFile.Services[needed.Key]), needed.Key);
            }));

    [Fact]
    public void Everything_starts_again_when_it_dies_and_keeps_its_log_small() =>
        Assert.All(ComposeFile.Services.Values, service =>
        {
            Assert.Equal("unless-stopped", (string?)service["restart"]);
            Assert.NotNull(service["logging"]!["options"]!["max-size"]);
        });

    [Fact]
    public void Every_built_service_has_its_target_and_few_rights() =>
        Assert.All(ComposeFile.Built.Values, service =>
        {
            Assert.Contains((string)service["build"]!["target"]!, Dockerfile.Targets.Keys);
            Assert.True((bool)service["read_only"]!);
            Assert.Equal("ALL", (string?)Assert.Single(service["cap_drop"]!.AsArray()));
        });

    [Fact]
    public void The_Edge_has_time_to_drain()
    {
        var edge = ComposeFile.Services["edge"];
        var drain = ComposeFile.SettingsOf(edge).Bind<EdgeOptions>(EdgeOptions.Section).DrainTimeout;

        Assert.True(GracePeriod(edge) >= drain + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Every_image_has_a_version() =>
        Assert.All(ComposeFile.Services.Values, service => Assert.Matches(@"^[\w./-]+:(?!latest$)[\w.-]+$", (string)service["image"]!));

    private static TimeSpan GracePeriod(JsonObject service) =>
        TimeSpan.FromSeconds(int.Parse(((string)service["stop_grace_period"]!).TrimEnd('s'), CultureInfo.InvariantCulture));
}
