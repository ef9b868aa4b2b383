using System.Text.RegularExpressions;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Playground;

/// <summary>The browser code that the README gives, as it stands there.</summary>
public sealed partial class ReadmeTests(Topologies topologies, BrowserFixture browser, ITestOutputHelper output)
    : EndToEndTest(topologies, output), IClassFixture<BrowserFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_client_repeats_failed_heartbeats_soon_and_comes_back()
    {
        var (http, edge) = (new Uri($"http://127.0.0.1:{FreePort.Take()}"), new Uri($"http://127.0.0.1:{FreePort.Take()}"));
        ServiceProcess Launch() => ServiceProcess.Launch("all-in-one", "services/Push.AllInOne", http, new Dictionary<string, string?>
        {
            ["Listen:Url"] = http.AbsoluteUri,
            ["Listen:Edge:Url"] = edge.AbsoluteUri,
            ["Edge:DrainTimeout"] = "00:00:01",
        });
        var code = Code().Matches(await File.ReadAllTextAsync(Path.Combine(SolutionFolder.Root, "README.md"), Cancelled))
            .Select(block => block.Groups[1].Value)
            .Single(block => block.Contains("heartbeat?token", StringComparison.Ordinal))
            .Replace("http://localhost:8080", http.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("ws://localhost:8081/ws", Topology.WebSocketAddress(edge).AbsoluteUri, StringComparison.Ordinal);
        await using var context = await browser.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var said = new Lines();
        page.Console += (_, message) => said.Add(message.Text);
        var heartbeats = 0;
        await page.RouteAsync("**/heartbeat?*", route => Interlocked.Increment(ref heartbeats) switch
        {
            1 => route.AbortAsync(),
            2 => route.FulfillAsync(new() { Status = 503 }),
            _ => route.ContinueAsync(),
        });
        using var calls = new PushCalls(http);

        await using (var before = Launch())
        {
            await before.ReadyAsync(Cancelled);
            await page.GotoAsync(http.AbsoluteUri);

            // It runs for ever: nobody waits for it.
            await page.EvaluateAsync($"() => {{ (async () => {{ {code} }})(); }}");
            await Deadline.UntilAsync(_ => Task.FromResult(Volatile.Read(ref heartbeats) >= 3), Limit, "two heartbeats have failed and the third has followed, not 20 seconds each later", Cancelled);
            await before.StopAsync(TimeSpan.FromSeconds(30));
        }

        await Deadline.UntilAsync(_ => Task.FromResult(said.Have("disconnected: 1001")), Limit, "the client is sent away", Cancelled);
        await using var after = Launch();
        await after.ReadyAsync(Cancelled);
        await Deadline.UntilAsync(
            async token =>
            {
                await calls.PublishAsync(new { roomId = "match-2", message = "goal" }, token);
                return said.Have("goal");
            },
            Limit,
            "the client is back",
            Cancelled);
    }

    [GeneratedRegex("```js\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    private sealed class Lines
    {
        private readonly List<string> _lines = [];

        public void Add(string line)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }

        public bool Have(string line)
        {
            lock (_lines)
            {
                return _lines.Contains(line);
            }
        }
    }
}
