using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Auth.Tokens;
using Xunit;

namespace Push.UnitTests.Auth.Tokens;

public sealed class TokenOptionsTests
{
    private const string OtherSecret = "another secret of more than thirty-two bytes";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Development_needs_no_key()
    {
        using var tokens = new TokenFixture(Environments.Development);
        await tokens.StartAsync(Cancelled);

        Assert.True(tokens.Reader.TryRead(tokens.Issuer.Issue("device", null, isLogin: false), out _));
    }

    [Fact]
    public async Task Production_refuses_to_start_without_a_key_and_names_the_setting()
    {
        using var tokens = new TokenFixture(Environments.Production, ("Tokens:Lifetime", "01:00:00"));

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => tokens.StartAsync(Cancelled));
        Assert.Contains("Tokens:SigningKeys", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Tokens:Lifetime", "00:00:00")]
    [InlineData("Tokens:Lifetime", "366.00:00:00")]
    [InlineData("Tokens:SigningKeys:0:Secret", "31 bytes are one too few......")]
    [InlineData("Tokens:SigningKeys:0:Secret", "push-development-key-known-to-everybody")]
    [InlineData("Tokens:SigningKeys:0:Id", "not an id")]
    [InlineData("Tokens:SigningKeys:1:Id", "k1")]
    public async Task A_bad_setting_is_refused_by_its_path(string path, string value)
    {
        var settings = new Dictionary<string, string>
        {
            ["Tokens:SigningKeys:0:Id"] = TokenFixture.KeyId,
            ["Tokens:SigningKeys:0:Secret"] = TokenFixture.Secret,
            ["Tokens:SigningKeys:1:Id"] = "k2",
            ["Tokens:SigningKeys:1:Secret"] = OtherSecret,
            [path] = value,
        };
        using var tokens = new TokenFixture([.. settings.Select(setting => (setting.Key, setting.Value))]);

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => tokens.StartAsync(Cancelled));
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_rotate_without_a_client_noticing()
    {
        using var before = new TokenFixture();
        using var during = new TokenFixture(
            ("Tokens:SigningKeys:0:Id", "k2"), ("Tokens:SigningKeys:0:Secret", OtherSecret),
            ("Tokens:SigningKeys:1:Id", TokenFixture.KeyId), ("Tokens:SigningKeys:1:Secret", TokenFixture.Secret));
        using var after = new TokenFixture(("Tokens:SigningKeys:0:Id", "k2"), ("Tokens:SigningKeys:0:Secret", OtherSecret));
        var old = before.Issuer.Issue("device", null, isLogin: false);
        var fresh = during.Issuer.Issue("device", null, isLogin: false);

        Assert.True(during.Reader.TryRead(old, out _));
        Assert.True(during.Reader.TryRead(fresh, out _));
        Assert.True(after.Reader.TryRead(fresh, out _));
        Assert.False(after.Reader.TryRead(old, out _));
        Assert.False(before.Reader.TryRead(fresh, out _));
    }

    [Fact]
    public void A_token_names_the_key_that_signed_it()
    {
        using var tokens = new TokenFixture();
        var jwt = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(tokens.Issuer.Issue("device", null, isLogin: false))).TrimEnd();

        Assert.Equal(TokenFixture.KeyId, new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(jwt).Kid);
    }

    [Fact]
    public void Modules_that_share_a_process_may_all_ask_for_tokens()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });

        var count = builder.AddTokens().Services.Count;

        Assert.Equal(count, builder.AddTokens().Services.Count);
    }

    [Theory]
    [InlineData(null, "user", false)]
    [InlineData("device", null, true)]
    [InlineData("", null, false)]
    [InlineData("a\nb", null, false)]
    public void No_token_is_issued_for_an_id_that_is_missing_or_malformed(string? deviceId, string? userId, bool isLogin)
    {
        using var tokens = new TokenFixture();

        Assert.Throws<ArgumentException>(() => tokens.Issuer.Issue(deviceId, userId, isLogin));
    }
}
