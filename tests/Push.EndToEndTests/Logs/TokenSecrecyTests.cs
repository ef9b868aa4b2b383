using System.Text.RegularExpressions;
using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Logs;

/// <summary>Reads what the shared services have printed at Debug level in all tests before.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class TokenSecrecyTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    // Enough of a token to find it by, and of its signature, which is what must not be known.
    private const int TellingLength = 24;

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task No_service_prints_a_token(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), Site.Unique("user"), Cancelled);
        var jwt = MintedToken.Unwrap(token);
        await UseEverywhereAsync(site, token);
        await UseEverywhereAsync(site, jwt);

        foreach (var service in site.Topology.Services)
        {
            var lines = service.Log.Lines;
            Assert.Contains(lines, line => line.Contains("dbug", StringComparison.Ordinal) || line.Contains("Debug", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => AnyToken().IsMatch(line));
            Assert.DoesNotContain(lines, line => line.Contains(token[^TellingLength..], StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.Contains(jwt[^TellingLength..], StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Entrances.OfEveryTopology), MemberType = typeof(Entrances))]
    public async Task No_metric_holds_a_token(Entrance entrance)
    {
        var site = await EnterAsync(entrance);

        foreach (var service in site.Topology.Services)
        {
            using var calls = new PushCalls(service.Address);
            Assert.DoesNotMatch(AnyToken(), (await calls.GetAsync("/metrics", Cancelled)).Body);
        }
    }

    /// <summary>All ways in which a token may come, good and bad, answered well and badly.</summary>
    private static async Task UseEverywhereAsync(Site site, string token)
    {
        var escaped = Uri.EscapeDataString(token).Replace("e", "%65", StringComparison.Ordinal);
        foreach (var query in new[] { $"token={token}", $"token={escaped}", $"TOKEN={token}", $"token={token}x", $"x=1&token={token}&roomIds=not%20a%20room" })
        {
            await site.Calls.GetAsync($"/heartbeat?{query}", Cancelled);
            await site.Calls.GetAsync($"/nothing-here?{query}", Cancelled);
            await RawClient.HandshakeAsync(site.Edges[0], $"/ws?{query}", Cancelled);
        }

        await using var client = await PlainClient.ConnectAsync(site.Edges[0], token, Site.Unique("room"));
        await client.CloseAsync();
    }

    /// <summary>The beginning of a JSON object in Base64, of a JWT that is, bare or wrapped once more, and some of what follows.</summary>
    [GeneratedRegex("(eyJ|ZXlK)[A-Za-z0-9_-]{20}")]
    private static partial Regex AnyToken();
}
