using Microsoft.Playwright;
using Push.EndToEndTests.Setup;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Playground;

public sealed class PlaygroundTests(Topologies topologies, BrowserFixture browser, ITestOutputHelper output)
    : EndToEndTest(topologies, output), IClassFixture<BrowserFixture>
{
    private const string Text = "Goal! ⚽ <b>1:0</b>";

    // A browser's first page on a busy machine.
    private static readonly float Patience = 30_000;

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_newcomer_connects_pushes_and_sees_what_arrives(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        await using var context = await browser.Browser.NewContextAsync();
        var complaints = new List<string>();
        var page = await OpenAsync(context, site, complaints);
        var room = Site.Unique("room");

        await ConnectAsync(page, room);
        await page.GetByTestId("target-id").FillAsync(room);
        await page.Locator("textarea").FillAsync(Text);
        await page.GetByTestId("push").ClickAsync();
        await Expect(page.GetByTestId("feed").GetByTestId("message"), Text);
        await Expect(page.GetByTestId("count"), "1 message");
        await Expect(page.GetByTestId("push-note"), "Confirmed");

        await page.GetByTestId("disconnect").ClickAsync();
        await Expect(page.GetByTestId("state"), "disconnected");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task What_is_wrong_is_said_and_nothing_goes_out()
    {
        var site = await EnterAsync(Entrance.AllInOne);
        await using var context = await browser.Browser.NewContextAsync();
        var page = await OpenAsync(context, site, []);
        var requests = new List<string>();
        page.Request += (_, request) => requests.Add(request.Url);

        foreach (var (target, id, said) in new[]
        {
            ("roomId", "", "Which room?"), ("roomId", "  ", "Which room?"), ("userId", "", "Which user?"), ("deviceId", "", "Which device?"),
            ("roomId", "a,b", "is no room id"), ("roomId", new string('x', 65), "is no room id"), ("userId", new string('x', 129), "at most 128"),
        })
        {
            await page.GetByTestId("target").SelectOptionAsync(target);
            await page.GetByTestId("target-id").FillAsync(id);
            await page.GetByTestId("push").ClickAsync();
            await Expect(page.GetByTestId("push-note"), said);
        }

        await page.GetByTestId("target").SelectOptionAsync("");
        foreach (var (message, said) in new[] { ("{\"type\":\"goal\"", "not valid JSON"), ("[1,2", "not valid JSON"), ("type: goal}", "not valid JSON"), ("", "Enter a message") })
        {
            await page.Locator("textarea").FillAsync(message);
            await page.GetByTestId("push").ClickAsync();
            await Expect(page.GetByTestId("push-note"), said);
        }

        foreach (var (field, value, said) in new[] { ("rooms", "fine,not fine", "is no room id"), ("ws-url", "somewhere", "Enter a WebSocket address"), ("device-id", "", "Enter a device id") })
        {
            var before = await page.GetByTestId(field).InputValueAsync();
            await page.GetByTestId(field).FillAsync(value);
            await page.GetByTestId("connect").ClickAsync();
            await Expect(page.GetByTestId("connect-note"), said);
            await page.GetByTestId(field).FillAsync(before);
        }

        Assert.Empty(requests);
    }

    [Fact]
    public async Task Of_three_rooms_it_shows_the_two_that_count()
    {
        var site = await EnterAsync(Entrance.AllInOne);
        await using var context = await browser.Browser.NewContextAsync();
        var page = await OpenAsync(context, site, []);

        await ConnectAsync(page, "a, b,b,,c");

        await Expect(page.GetByTestId("feed").GetByTestId("event"), "connected to a, b");
        Assert.DoesNotContain("c", (await page.GetByTestId("feed").GetByTestId("event").Locator("pre").InnerTextAsync())["connected".Length..], StringComparison.Ordinal);
        await Expect(page.GetByTestId("connect-note"), "c is left out");
    }

    [Fact]
    public async Task Text_that_looks_like_json_goes_out_when_it_is_called_text_and_numbers_as_they_were_typed()
    {
        var site = await EnterAsync(Entrance.AllInOne);
        await using var context = await browser.Browser.NewContextAsync();
        var page = await OpenAsync(context, site, []);
        var room = Site.Unique("room");
        await ConnectAsync(page, room);
        await page.GetByTestId("target-id").FillAsync(room);

        await page.Locator("textarea").FillAsync("{\"viewers\":9007199254740993}");
        await page.GetByTestId("push").ClickAsync();
        await Expect(page.GetByTestId("feed").GetByTestId("message").First, "{\"viewers\":9007199254740993}");
        await page.Locator("textarea").FillAsync("[LIVE] Goal");
        await page.GetByTestId("as-text").CheckAsync();
        await page.GetByTestId("push").ClickAsync();
        await Expect(page.GetByTestId("feed").GetByTestId("message").First, "[LIVE] Goal");
    }

    [Fact]
    public async Task It_comes_back_when_the_server_does()
    {
        var (http, edge) = (new Uri($"http://127.0.0.1:{FreePort.Take()}"), new Uri($"http://127.0.0.1:{FreePort.Take()}"));
        ServiceProcess Launch() => ServiceProcess.Launch("all-in-one", "services/Push.AllInOne", http, new Dictionary<string, string?>
        {
            ["Listen:Url"] = http.AbsoluteUri,
            ["Listen:Edge:Url"] = edge.AbsoluteUri,
            ["Edge:DrainTimeout"] = "00:00:01",
        });
        await using var context = await browser.Browser.NewContextAsync();
        IPage page;
        await using (var before = Launch())
        {
            await before.ReadyAsync(Cancelled);
            page = await OpenAsync(context, http, Topology.WebSocketAddress(edge), []);
            await ConnectAsync(page, "match-1");
            await before.StopAsync(TimeSpan.FromSeconds(30));
        }

        await Expect(page.GetByTestId("feed").GetByTestId("event").First, "disconnected (1001 draining)");
        await Expect(page.GetByTestId("state"), "reconnecting");
        await using var after = Launch();
        await after.ReadyAsync(Cancelled);
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("connected", new() { Timeout = Patience });
        await page.GetByTestId("push").ClickAsync();
        await Expect(page.GetByTestId("feed").GetByTestId("message"), "goal");
    }

    [Fact]
    public async Task The_documentation_runs_under_its_policy_and_its_curl_has_a_host()
    {
        var site = await EnterAsync(Entrance.AllInOne);
        await using var context = await browser.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        var complaints = Complaints(page);

        await page.GotoAsync(new Uri(site.Calls.Address, "docs").AbsoluteUri);
        await Expect(page.Locator("#app"), "Get a token for a new session");
        await Expect(page.Locator("#app"), $"curl '{site.Calls.Address.GetLeftPart(UriPartial.Authority)}/get/token");

        Assert.Empty(complaints);
    }

    private static Task<IPage> OpenAsync(IBrowserContext context, Site site, List<string> complaints) =>
        OpenAsync(context, site.Calls.Address, site.Edges[0], complaints);

    private static async Task<IPage> OpenAsync(IBrowserContext context, Uri address, Uri edge, List<string> complaints)
    {
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        Complaints(page, complaints);
        await page.GotoAsync(address.AbsoluteUri);
        await page.GetByTestId("ws-url").FillAsync(edge.AbsoluteUri);
        return page;
    }

    private static async Task ConnectAsync(IPage page, string rooms)
    {
        await page.GetByTestId("rooms").FillAsync(rooms);
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("connected", new() { Timeout = Patience });
    }

    private static Task Expect(ILocator locator, string text) => Assertions.Expect(locator).ToContainTextAsync(text, new() { Timeout = Patience });

    /// <summary>What the page's scripts throw, and what the browser objects to: its policy above all.</summary>
    private static List<string> Complaints(IPage page, List<string>? complaints = null)
    {
        complaints ??= [];
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type is "error" ? [message.Text] : []);
        return complaints;
    }
}
