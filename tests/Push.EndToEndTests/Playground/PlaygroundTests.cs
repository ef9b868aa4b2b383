using Microsoft.Playwright;
using Push.EndToEndTests.Setup;
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
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var complaints = new List<string>();
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type is "error" ? [message.Text] : []);
        var room = Site.Unique("room");

        await page.GotoAsync(site.Calls.Address.AbsoluteUri);
        await page.GetByTestId("rooms").FillAsync(room);
        await page.GetByTestId("ws-url").FillAsync(site.Edges[0].AbsoluteUri);
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("connected", new() { Timeout = Patience });

        await page.GetByTestId("target-id").FillAsync(room);
        await page.Locator("textarea").FillAsync(Text);
        await page.GetByTestId("push").ClickAsync();
        await Assertions.Expect(page.GetByTestId("feed").GetByTestId("message")).ToContainTextAsync(Text, new() { Timeout = Patience });
        await Assertions.Expect(page.GetByTestId("count")).ToHaveTextAsync("1 message", new() { Timeout = Patience });
        await Assertions.Expect(page.GetByTestId("push-note")).ToContainTextAsync("Confirmed", new() { Timeout = Patience });

        await page.GetByTestId("disconnect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("disconnected", new() { Timeout = Patience });
        Assert.Empty(complaints);
    }
}
