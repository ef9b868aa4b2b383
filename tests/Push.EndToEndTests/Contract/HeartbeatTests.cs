using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class HeartbeatTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly Answer Recorded = new(200, "{}");
    private static readonly Answer TokenError = new(401, """{"data":"token error"}""");

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Both_forms_of_a_token_are_good_whoever_made_it(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var issued = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
        var minted = MintedToken.Of(Site.Unique("device"));

        await Assert.AllAsync(
            [issued, MintedToken.Unwrap(issued), minted, MintedToken.Wrap(minted)],
            async token => Assert.Equal(Recorded, await site.Calls.HeartbeatAsync(token, Cancelled)));
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Bad_tokens_are_all_refused_in_the_same_words(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var bad = MintedToken.Bad(await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled));

        Assert.Equal(TokenError, await site.Calls.GetAsync("/heartbeat", Cancelled));
        Assert.Equal(TokenError, await site.Calls.HeartbeatAsync("", Cancelled));
        await Assert.AllAsync(bad, async token => Assert.Equal((token.Key, TokenError), (token.Key, await site.Calls.HeartbeatAsync(token.Value, Cancelled))));
    }
}
