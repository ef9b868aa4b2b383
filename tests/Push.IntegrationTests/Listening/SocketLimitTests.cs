using Microsoft.Extensions.DependencyInjection;
using Push.Edge.Transports.Sockets;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Listening;

/// <summary>More sockets than the limit of open files allows.</summary>
public sealed class SocketLimitTests
{
    private const int Max = 6;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Accepted_sockets_are_bounded_whoever_serves_them_and_the_others_are_told()
    {
        var sockets = new SocketLimit(Max);
        await using var edge = await EdgeHost.StartAsync(services => services.AddSingleton(sockets));
        Assert.SkipUnless(edge.Loops.UsesSockets, "Kestrel counts");
        var clients = new List<RawClient>
        {
            await edge.OpenAsync("1001"),
            await edge.OpenAsync("1001", inPieces: true),
            await edge.OpenKeptAliveAsync("1001"),
            await edge.ConnectAsync(),
            await edge.ConnectAsync(),
            await edge.ConnectAsync(),
        };
        await clients[3].SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.EndsWith("hello", await clients[3].ReadResponseAsync(), StringComparison.Ordinal);
        await UntilAsync(sockets, Max);

        await using var oneTooMany = await edge.ConnectAsync();
        Assert.StartsWith("HTTP/1.1 503 ", await oneTooMany.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(Max, sockets.Count);

        edge.Publish("1001", "goal");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("goal", (await clients[i].ReadFrameAsync()).Text);
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await UntilAsync(sockets, 0);
        await using var next = await edge.OpenAsync();
        Assert.Equal(1, sockets.Count);
    }

    [Fact]
    public async Task A_flood_of_connections_that_say_nothing_passes()
    {
        var sockets = new SocketLimit(Max);
        await using var edge = await EdgeHost.StartAsync(services => services.AddSingleton(sockets), ("Edge:HandshakeTimeout", "00:00:00.5"));
        Assert.SkipUnless(edge.Loops.UsesSockets, "Kestrel counts");
        var clients = new List<RawClient>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await edge.ConnectAsync());
            await IgnoreLossAsync(clients[i].SendAsync("\r\n"));
        }

        await UntilAsync(sockets, 0);
        await using var client = await edge.OpenAsync();
        foreach (var each in clients)
        {
            await each.DisposeAsync();
        }
    }

    [Fact]
    public void The_limit_of_this_process_keeps_some_files_back() => Assert.InRange(SocketLimit.OfThisProcess(), 1, int.MaxValue);

    private static async Task IgnoreLossAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (IOException)
        {
            // Refused already.
        }
    }

    private static Task UntilAsync(SocketLimit sockets, int count) =>
        Deadline.UntilAsync(_ => Task.FromResult(sockets.Count == count), Limit, $"{count} sockets are counted", TestContext.Current.CancellationToken);
}
