using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Services;
using Xunit;

namespace Push.ComposeTests;

public sealed class ComposeTests(ComposeStack stack) : IDisposable
{
    private const int EdgePort = 8081;
    private const int Draining = 1001;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DiscoveryTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReconnectTimeout = TimeSpan.FromSeconds(30);

    private readonly PushCalls _calls = new(stack.Gateway);

    public void Dispose() => _calls.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_contract_holds_through_both_ports_and_at_every_Edge(int edges)
    {
        await stack.ScaleEdgesAsync(edges);
        var direct = (await stack.ContainersAsync("edge")).Select(AddressOf).ToList();

        Assert.Equal(edges, direct.Count);
        foreach (var address in direct.Prepend(stack.WebSockets).Prepend(stack.Gateway))
        {
            await AssertContractAsync(address);
        }
    }

    [Fact]
    public async Task The_gateway_spreads_connections_over_the_Edges_and_finds_a_new_one()
    {
        await UseEdgesAsync(2);
        await UseEdgesAsync(3);
    }

    [Fact]
    public async Task An_Edge_that_crashes_is_replaced_and_its_clients_reconnect_to_the_others()
    {
        await UseEdgesAsync(3);
        var room = NewRoom();
        await using var clients = await ClientGroup.ConnectAsync(_calls, stack.WebSockets, room, 12);
        var victim = (await stack.ContainersAsync("edge"))[0];

        await stack.CrashAsync(victim);
        await ConnectWithoutAnErrorAsync();
        await PushAsync(room, "survivors");
        var lost = await clients.CountLostAsync("survivors");
        Assert.InRange(lost, 1, 11);

        await clients.ReconnectLostAsync(ReconnectTimeout);
        await PushAsync(room, "everybody");
        Assert.Equal(0, await clients.CountLostAsync("everybody"));

        await Deadline.UntilAsync(async _ => (await FindAsync(victim)).Restarts > victim.Restarts, RestartTimeout, "the crashed Edge runs again", TestContext.Current.CancellationToken);
        await stack.WaitUntilHealthyAsync();
        await AssertContractAsync(AddressOf(await FindAsync(victim)));
    }

    [Fact]
    public async Task An_Edge_that_is_taken_away_sends_its_clients_to_the_others()
    {
        await stack.ScaleEdgesAsync(3);
        var leaving = (await stack.ContainersAsync("edge"))[^1];
        await using var client = await ConnectAsync(AddressOf(leaving), await GetTokenAsync(), NewRoom());

        await stack.ScaleEdgesAsync(2);
        await ConnectWithoutAnErrorAsync();

        Assert.Equal(Draining, (await client.Closed.WithinAsync(Limit, "the end of the connection to the Edge that left")).Code);
        Assert.Empty(client.Received);
        Assert.DoesNotContain(await stack.ContainersAsync("edge"), edge => edge.Id == leaving.Id);
    }

    [Fact]
    public async Task No_service_runs_as_root_and_none_carries_an_SDK()
    {
        var services = (await stack.ContainersAsync()).Where(container => container.Service is not ("rabbitmq" or "redis")).ToList();

        Assert.NotEmpty(services);
        foreach (var container in services)
        {
            Assert.NotEqual("0", (await stack.ExecuteAsync(container, "id", "-u")).Trim());
            Assert.Equal("", await stack.ExecuteAsync(container, "dotnet", "--list-sdks"));
        }
    }

    private Task<string> GetTokenAsync() => _calls.GetTokenAsync($"{Guid.NewGuid():N}", cancellationToken: TestContext.Current.CancellationToken);

    private static Task<PlainClient> ConnectAsync(Uri webSockets, string token, string room) =>
        PlainClient.ConnectAsync(Topology.WebSocketAddress(webSockets), token, room);

    private static string NewRoom() => $"room-{Guid.NewGuid():N}";

    private static Uri AddressOf(Container edge) => new($"http://{edge.Address}:{EdgePort}");

    private async Task<Container> FindAsync(Container edge) => (await stack.ContainersAsync("edge")).Single(candidate => candidate.Id == edge.Id);

    private async Task UseEdgesAsync(int count)
    {
        await stack.ScaleEdgesAsync(count);
        await Deadline.UntilAsync(async _ => await CountEdgesInUseAsync() == count, DiscoveryTimeout, $"the gateway uses all {count} Edges", TestContext.Current.CancellationToken);
    }

    /// <summary>Enough clients for each Edge that the gateway knows to be chosen, and for one that is gone too.</summary>
    private async Task ConnectWithoutAnErrorAsync()
    {
        await using var clients = await ClientGroup.ConnectAsync(_calls, stack.WebSockets, NewRoom(), 12);
    }

    /// <summary>How many Edges got some of a dozen connections, by the kernel's list of each.</summary>
    private async Task<int> CountEdgesInUseAsync()
    {
        var edges = await stack.ContainersAsync("edge");
        var before = await Task.WhenAll(edges.Select(CountConnectionsAsync));
        await using var clients = await ClientGroup.ConnectAsync(_calls, stack.WebSockets, NewRoom(), 12);
        var after = await Task.WhenAll(edges.Select(CountConnectionsAsync));
        return after.Zip(before).Count(pair => pair.First > pair.Second);
    }

    private async Task<int> CountConnectionsAsync(Container edge)
    {
        const string established = "01";
        var lines = (await stack.ExecuteAsync(edge, "cat", "/proc/net/tcp", "/proc/net/tcp6")).Split('\n');
        return lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields.Length > 3 && fields[1].EndsWith($":{EdgePort:X4}", StringComparison.Ordinal) && fields[3] == established);
    }

    private async Task AssertContractAsync(Uri webSockets)
    {
        var room = NewRoom();
        var token = await GetTokenAsync();
        await using var member = await ConnectAsync(webSockets, token, room);
        await using var stranger = await ConnectAsync(webSockets, await GetTokenAsync(), NewRoom());
        using var served = new PushCalls(webSockets);
        await PushAsync(room, "goal");
        await PushAsync(roomId: null, "kick-off");

        Assert.Equal(["goal", "kick-off"], await member.ReceiveAsync(2, Limit, "the room's message and the broadcast"));
        Assert.Equal(["kick-off"], await stranger.ReceiveAsync(1, Limit, "the broadcast in another room"));
        Assert.Equal(new Answer(200, "{}"), await _calls.HeartbeatAsync(token, TestContext.Current.CancellationToken));
        Assert.Equal(new Answer(200, """{"status":"healthy"}"""), await served.GetAsync("/health", TestContext.Current.CancellationToken));
        Assert.Equal(401, (await RawClient.HandshakeAsync(webSockets, "/ws?token=forged")).Status);
    }

    private async Task PushAsync(string? roomId, string message)
    {
        var answer = await _calls.PublishAsync(new { message, roomId }, TestContext.Current.CancellationToken);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("""{"message":"message sent",""", answer.Body, StringComparison.Ordinal);
    }
}
