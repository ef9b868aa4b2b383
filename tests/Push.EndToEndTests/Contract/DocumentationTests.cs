using System.Text.Json;
using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class DocumentationTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly string[] Calls = ["/get/token", "/heartbeat", "/push/new/score/message"];

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task The_api_describes_itself_and_can_be_tried_in_a_browser(Entrance entrance)
    {
        var site = await EnterAsync(entrance);

        var document = await site.Calls.GetAsync("/openapi/v1.json", Cancelled);
        var page = await site.Calls.GetAsync("/docs", Cancelled);

        using var openApi = JsonDocument.Parse(document.Body);
        var paths = openApi.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name);
        Assert.Empty(Calls.Except(paths));
        Assert.Equal(200, page.Status);
        Assert.Contains("<html", page.Body, StringComparison.OrdinalIgnoreCase);
    }
}
