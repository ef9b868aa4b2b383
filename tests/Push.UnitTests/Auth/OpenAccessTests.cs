using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Push.Auth.Access;
using Push.Auth.Tokens;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Auth;

public sealed class OpenAccessTests
{
    private static readonly AccessOptions Named = new() { AllowedHosts = { "push.example" }, AllowedOrigins = { "https://bücher.example" } };

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:8080", true)]
    [InlineData("localhost.", true)]
    [InlineData("app.localhost:8080", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("127.1", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("192.168.1.5:8080", true)]
    [InlineData("push.example:8080", true)]
    [InlineData("Push.Example.", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("rebind.example", false)]
    [InlineData("rebind.example:8080", false)]
    [InlineData("intranet", false)]
    [InlineData("localhost.rebind.example", false)]
    [InlineData("127.0.0.1.rebind.example", false)]
    [InlineData("127.0.0.1@rebind.example", false)]
    [InlineData("local host", false)]
    [InlineData("localhost/x", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void With_open_access_the_host_is_looked_at(string? host, bool admitted)
    {
        Assert.Equal(admitted, Decided(Environments.Development, Named).Admits(host, throughNetworkGateway: false));
        Named.AllowAnonymous = true;
        Assert.Equal(admitted, Decided(Environments.Production, Named).Admits(host, throughNetworkGateway: true));
        Named.AllowAnonymous = false;
    }

    [Fact]
    public void With_credentials_every_host_is_served() =>
        Assert.True(Decided(Environments.Production, new AccessOptions { ApiKeys = { "a-key-of-a-back-end" } }).Admits("push.example.com", throughNetworkGateway: true));

    [Fact]
    public void What_is_open_in_Development_alone_is_not_opened_by_a_gateway_on_a_network() =>
        Assert.False(Decided(Environments.Development, new AccessOptions()).Admits("localhost", throughNetworkGateway: true));

    [Fact]
    public void Nothing_is_served_before_it_is_decided() =>
        Assert.False(Create(Environments.Development, new AccessOptions()).Admits("localhost", throughNetworkGateway: false));

    [Fact]
    public void Every_signing_key_in_the_repository_is_a_published_one()
    {
        Assert.Equal(PublishedSecrets.DevelopmentKey, TokenKeys.Development.Secret);
        var compose = SolutionFolder.Read("docker-compose.yml");
        var overlay = SolutionFolder.Read("k8s/overlays/dev/kustomization.yaml");
        foreach (var (text, start) in ((string, string)[])[(compose, "TOKEN_KEY_SECRET:-"), (overlay, "Secret=")])
        {
            var secret = text[(text.IndexOf(start, StringComparison.Ordinal) + start.Length)..];
            Assert.True(PublishedSecrets.Contains($" {secret[..secret.IndexOfAny(['}', ']', ' ', '\n'])]}"));
        }

        Assert.False(PublishedSecrets.Contains("a secret of my own that is long enough"));
        Assert.False(PublishedSecrets.Contains(null));
    }

    private static OpenAccess Decided(string environment, AccessOptions options)
    {
        var open = Create(environment, options);
        open.Decide();
        return open;
    }

    private static OpenAccess Create(string environment, AccessOptions options) =>
        new(new AccessPolicy(Options.Create(options), new HostingEnvironment { EnvironmentName = environment }), Options.Create(options));
}
