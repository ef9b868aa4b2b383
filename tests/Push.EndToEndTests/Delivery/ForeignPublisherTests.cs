using System.Diagnostics;
using System.Text.Json;
using Push.Contracts;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Xunit;

namespace Push.EndToEndTests.Delivery;

/// <summary>Publishers that know nothing of .NET: the way that docs/protocol.md shows.</summary>
public sealed class ForeignPublisherTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    [Fact]
    public async Task Plain_json_published_with_curl_is_delivered_by_every_edge()
    {
        var site = await EnterAsync(Entrance.Services);
        var room = Site.Unique("room");
        var clients = await Task.WhenAll(site.ConnectAsync(room, edge: 0), site.ConnectAsync(room, edge: 1));

        await PublishWithCurlAsync($$$"""{"id":"{{{Site.Unique("goal")}}}","roomId":"{{{room}}}","message":{"type":"goal", "minute":9}}""", new { });
        await PublishWithCurlAsync(
            $$"""{"id":"{{Site.Unique("goal")}}","roomId":"{{room}}","message":"with a header"}""",
            new { headers = new Dictionary<string, string> { [BusNames.TargetHeader] = $"room:{room}" } });

        foreach (var client in clients)
        {
            Assert.Equal(["""{"type":"goal","minute":9}""", "with a header"], await client.ReceiveAsync(2, Soon, "messages published with curl"));
        }
    }

    [Fact]
    public async Task Poison_on_the_exchange_does_not_stop_what_follows_it()
    {
        var site = await EnterAsync(Entrance.Services);
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);

        foreach (var poison in new[] { "", "not JSON", "{}", "[]", """{"id":"1"}""", $$"""{"id":"1","roomId":"{{room}}"}""", $$"""{"roomId":{"a":1},"message":"x"}""" })
        {
            await PublishWithCurlAsync(poison, new { headers = new Dictionary<string, string> { [BusNames.TargetHeader] = $"room:{room}" } });
        }

        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "after the poison" }, Cancelled)).Status);
        Assert.Equal(["after the poison"], await client.ReceiveAsync(1, Soon, "a message after the poison"));
    }

    private async Task PublishWithCurlAsync<T>(string payload, T properties)
    {
        var management = await Topologies.Broker.GetManagementAsync(Cancelled);
        var host = await Topologies.GetVirtualHostAsync();
        var request = JsonSerializer.Serialize(new { properties, routing_key = "", payload, payload_encoding = "string" });
        var start = new ProcessStartInfo(
            "curl",
            [
                "--silent", "--show-error", "--fail", "--user", management.Credentials, "--header", "Content-Type: application/json", "--data", request,
                new Uri(management.Address, $"/api/exchanges/{host.Name}/{Uri.EscapeDataString(BusNames.PushExchange)}/publish").AbsoluteUri,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var curl = Process.Start(start)!;
        var (answer, complaint) = (curl.StandardOutput.ReadToEndAsync(Cancelled), curl.StandardError.ReadToEndAsync(Cancelled));
        await curl.WaitForExitAsync(Cancelled).WithinAsync(Soon, "end of curl");
        Assert.Equal("", await complaint);
        Assert.Equal("""{"routed":true}""", await answer);
    }
}
