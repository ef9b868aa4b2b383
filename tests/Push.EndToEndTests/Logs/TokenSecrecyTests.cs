using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Logs;

/// <summary>Reads what the shared services have printed at Debug level in all tests before.</summary>
[Collection(AloneCollection.Name)]
public sealed class TokenSecrecyTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
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
        await site.UseEverywhereAsync(token);
        await site.UseEverywhereAsync(jwt);

        foreach (var service in site.Topology.Services)
        {
            var lines = service.Log.Lines;
            Assert.Contains(lines, line => line.Contains("dbug", StringComparison.Ordinal) || line.Contains("Debug", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => MintedToken.Any().IsMatch(line));
            Assert.DoesNotContain(lines, line => line.Contains(token[^TellingLength..], StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.Contains(jwt[^TellingLength..], StringComparison.Ordinal));
        }
    }
}
