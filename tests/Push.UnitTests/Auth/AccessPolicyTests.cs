using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Push.Auth.Access;
using Xunit;

namespace Push.UnitTests.Auth;

public sealed class AccessPolicyTests
{
    private const string Key = "a-key-of-a-back-end";
    private const string SecondKey = "another-key-to-rotate-to";

    [Theory]
    [InlineData("Bearer " + Key, true)]
    [InlineData("bearer " + Key, true)]
    [InlineData("Bearer " + SecondKey, true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("Bearer", false)]
    [InlineData("Bearer ", false)]
    [InlineData(Key, false)]
    [InlineData("Basic " + Key, false)]
    [InlineData("Bearer " + Key + "x", false)]
    [InlineData("Bearer a-key-of-a-back-en", false)]
    public void A_request_needs_one_of_the_keys(string? authorization, bool accepted) =>
        Assert.Equal(accepted, Policy(Environments.Production, Key, SecondKey).HasKey(authorization));

    [Fact]
    public void An_endless_credential_is_refused() =>
        Assert.False(Policy(Environments.Production, Key).HasKey("Bearer " + new string('x', 100_000)));

    [Fact]
    public void Keys_close_access_in_development_too()
    {
        var policy = Policy(Environments.Development, Key);

        Assert.False(policy.IsAnonymous);
        Assert.True(policy.HasKey("Bearer " + Key));
    }

    [Fact]
    public void Development_without_keys_is_open_and_production_is_not()
    {
        Assert.True(Policy(Environments.Development).IsAnonymous);
        Assert.False(Policy(Environments.Production).IsAnonymous);
    }

    private static AccessPolicy Policy(string environment, params string[] keys)
    {
        var options = new AccessOptions();
        foreach (var key in keys)
        {
            options.ApiKeys.Add(key);
        }

        return new AccessPolicy(Options.Create(options), new HostingEnvironment { EnvironmentName = environment });
    }
}
