using System.Text.Json;
using Xunit;
using YamlDotNet.Core;

namespace Push.DeployTests.Manifests;

/// <summary>The other tests are worth as much as the reader is strict.</summary>
public sealed class ManifestReaderTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: edge}
        spec:
          replicas: 2
          selector: {matchLabels: {app: edge}}
          template:
            metadata: {labels: {app: edge}}
            spec:
              containers:
                - name: edge
                  image: push-edge
                  resources: {limits: {memory: 1Gi}}
                  readinessProbe: {httpGet: {path: /health, port: websocket}}
        """;

    [Fact]
    public void A_valid_manifest_is_read() => Assert.Equal("edge", Assert.Single(ManifestReader.Read(Deployment)).Metadata.Name);

    [Theory]
    [InlineData("replicas: 2", "replica: 2")]
    [InlineData("replicas: 2", "Replicas: 2")]
    [InlineData("image: push-edge", "imagePolicy: Always")]
    [InlineData("httpGet: {path: /health,", "httpGet: {url: /health,")]
    public void An_unknown_field_is_refused(string good, string bad) => AssertRefused<JsonException>(good, bad);

    [Theory]
    [InlineData("replicas: 2", "replicas: \"2\"")]
    [InlineData("replicas: 2", "replicas: two")]
    [InlineData("labels: {app: edge}", "labels: {app: 1}")]
    [InlineData("labels: {app: edge}", "labels: {app: true}")]
    [InlineData("metadata: {name: edge}", "metadata: edge")]
    public void A_value_of_the_wrong_type_is_refused(string good, string bad) => AssertRefused<JsonException>(good, bad);

    [Fact]
    public void A_key_that_occurs_twice_is_refused() => AssertRefused<YamlException>("replicas: 2", "replicas: 2\n  replicas: 3");

    [Theory]
    [InlineData("kind: Deployment", "kind: Deploiment")]
    [InlineData("apiVersion: apps/v1", "apiVersion: apps/v1beta1")]
    public void An_unknown_kind_is_refused(string good, string bad) => AssertRefused<InvalidOperationException>(good, bad);

    private static void AssertRefused<TException>(string good, string bad)
        where TException : Exception
    {
        Assert.Contains(good, Deployment, StringComparison.Ordinal);
        Assert.ThrowsAny<TException>(() => ManifestReader.Read(Deployment.Replace(good, bad, StringComparison.Ordinal)));
    }
}
