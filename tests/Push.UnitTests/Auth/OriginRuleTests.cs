using Push.Auth.Access;
using Xunit;

namespace Push.UnitTests.Auth;

public sealed class OriginRuleTests
{
    private static readonly string[] Listed = ["https://app.example.com", "http://partner.example:8443/"];

    [Theory]
    [InlineData(null, true, true)]
    [InlineData("", true, true)]
    [InlineData("http://localhost:8080", true, true)]
    [InlineData("http://localhost:5173", true, false)]
    [InlineData("http://app.localhost:5173", true, false)]
    [InlineData("http://127.0.0.1:8080", true, false)]
    [InlineData("http://127.9.9.9:3000", true, false)]
    [InlineData("http://[::1]:3000", true, false)]
    [InlineData("null", false, false)]
    [InlineData("chrome-extension://abcdefgh", false, false)]
    [InlineData("https://app.example.com.", true, true)]
    [InlineData("https://app.example.com", true, true)]
    [InlineData("HTTPS://App.Example.com", true, true)]
    [InlineData("http://partner.example:8443", true, true)]
    [InlineData("https://partner.example:8443", false, false)]
    [InlineData("https://evil.example", false, false)]
    [InlineData("http://localhost.evil.example", false, false)]
    [InlineData("http://127.0.0.1.evil.example", false, false)]
    [InlineData("http://localhost:8080@evil.example", false, false)]
    [InlineData("http://user@localhost:8080", false, false)]
    [InlineData("http://localhost:8080/path", false, false)]
    [InlineData("file:///etc/passwd", false, false)]
    [InlineData("nonsense", false, false)]
    public void With_anonymous_access_only_local_own_and_listed_pages_get_in(string? origin, bool connects, bool publishes)
    {
        var rule = Rule(anonymous: true, Listed);

        Assert.Equal(connects, rule.AllowsClient(origin, "localhost:8080"));
        Assert.Equal(publishes, rule.AllowsPublisher(origin, "localhost:8080"));
    }

    [Theory]
    [InlineData("https://anything.example", true, false)]
    [InlineData("http://localhost:5173", true, false)]
    [InlineData("null", true, false)]
    [InlineData("https://push.example.com", true, true)]
    public void With_credentials_and_no_list_every_page_may_connect_but_only_the_own_one_publishes(string origin, bool connects, bool publishes)
    {
        var rule = Rule(anonymous: false, []);

        Assert.Equal(connects, rule.AllowsClient(origin, "push.example.com"));
        Assert.Equal(publishes, rule.AllowsPublisher(origin, "push.example.com"));
    }

    [Theory]
    [InlineData("https://app.example.com", true, true)]
    [InlineData("https://push.example.com", true, true)]
    [InlineData("https://push.example.com:8443", true, false)]
    [InlineData("https://anything.example", false, false)]
    [InlineData("http://localhost:5173", false, false)]
    [InlineData("null", false, false)]
    public void With_credentials_and_a_list_only_own_and_listed_pages_get_in(string origin, bool connects, bool publishes)
    {
        var rule = Rule(anonymous: false, Listed);

        Assert.Equal(connects, rule.AllowsClient(origin, "push.example.com"));
        Assert.Equal(publishes, rule.AllowsPublisher(origin, "push.example.com"));
    }

    [Theory]
    [InlineData("http://192.168.1.5:8080", "192.168.1.5:8080", true)]
    [InlineData("http://gateway:8080", "gateway:8080", false)]
    [InlineData("http://intranet", "intranet", false)]
    [InlineData("http://localhost.:8080", "localhost:8080", true)]
    [InlineData("http://known.example:8080", "known.example:8080", true)]
    [InlineData("http://evil.example:8080", "evil.example:8080", false)]
    public void With_anonymous_access_a_name_that_could_be_rebound_is_never_the_own_page(string origin, string host, bool allowed)
    {
        var rule = new OriginRule(anonymous: true, new AccessOptions { AllowedHosts = { "known.example" } });

        Assert.Equal(allowed, rule.AllowsClient(origin, host));
        Assert.Equal(allowed, rule.AllowsPublisher(origin, host));
    }

    [Theory]
    [InlineData("https://push.example.com", "push.example.com:443")]
    [InlineData("https://push.example.com:443", "push.example.com")]
    [InlineData("https://push.example.com", "PUSH.example.com")]
    public void A_default_port_and_the_case_of_a_host_make_no_difference(string origin, string host) =>
        Assert.True(Rule(anonymous: false, []).AllowsPublisher(origin, host));

    [Fact]
    public void A_page_served_on_one_port_may_connect_to_another_of_the_same_host_but_not_publish_to_it()
    {
        var rule = Rule(anonymous: true, []);

        Assert.True(rule.AllowsClient("http://192.168.1.5:8080", "192.168.1.5:8081"));
        Assert.False(rule.AllowsPublisher("http://192.168.1.5:8080", "192.168.1.5:8081"));
    }

    [Theory]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://BÜCHER.example:443", "https://xn--bcher-kva.example")]
    [InlineData("https://xn--bcher-kva.example", "https://xn--bcher-kva.example")]
    [InlineData("https://пример.example.", "https://xn--e1afmkfd.example")]
    [InlineData("https://例え.example:8443", "https://xn--r8jz45g.example:8443")]
    public void A_name_of_another_script_is_compared_in_its_ASCII_form(string listed, string origin)
    {
        Assert.True(Rule(anonymous: true, listed).AllowsClient(origin, "localhost"));
        Assert.False(Rule(anonymous: true, listed).AllowsClient("https://xn--bcher-kvb.example", "localhost"));
    }

    [Fact]
    public void The_origin_of_no_page_is_let_in_where_it_is_listed()
    {
        foreach (var anonymous in (bool[])[true, false])
        {
            Assert.True(Rule(anonymous, "null").AllowsClient("null", "localhost"));
            Assert.True(Rule(anonymous, "null").AllowsPublisher("null", "localhost"));
            Assert.False(Rule(anonymous, "null").AllowsClient("https://evil.example", "localhost"));
            Assert.False(Rule(anonymous, "https://app.example.com").AllowsClient("null", "localhost"));
        }
    }

    private static OriginRule Rule(bool anonymous, params string[] listed)
    {
        var options = new AccessOptions();
        Array.ForEach(listed, options.AllowedOrigins.Add);
        return new OriginRule(anonymous, options);
    }
}
