using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Push.Contracts;
using Push.Edge.Connections;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Listening;

/// <summary>How WebSockets end that are served over ASP.NET Core's pipes.</summary>
public sealed class UpgradedRequestTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static byte[] Again { get; } = ClientFrames.Frame(ClientFrames.Text, "again");

    [Theory]
    [InlineData("close frame")]
    [InlineData("half a frame and FIN")]
    [InlineData("reset")]
    [InlineData("closed by the Edge")]
    [InlineData("cut by the Edge")]
    [InlineData("reads nothing")]
    [InlineData("drain")]
    public async Task Every_block_of_memory_is_given_back(string end)
    {
        var memory = new CountingMemory();
        await using var edge = await EdgeHost.StartAsync(
            services => services.AddSingleton<IMemoryPoolFactory<byte>>(memory), ("Edge:DrainTimeout", "00:00:01"), ("Edge:SendQueueBytes", "4096"));
        await using var client = await edge.OpenKeptAliveAsync("1001");
        var connection = Assert.Single(edge.Connections.Connections);

        // A whole frame and a half: the pipe holds a block.
        await client.SendAsync((byte[])[.. ClientFrames.Frame(ClientFrames.Text, "hello"), .. Again[..4]]);
        edge.Publish("1001", "goal");
        Assert.Equal("goal", (await client.ReadFrameAsync()).Text);
        await EndAsync(end, edge, client, connection);

        await Deadline.UntilAsync(_ => Task.FromResult(edge.Connections.Count == 0), Limit, "the connection has ended", TestContext.Current.CancellationToken);
        if (end == "reads nothing")
        {
            client.Reset();
        }

        await edge.StopAsync().WithinAsync(Limit, "the Edge stops");
        await Deadline.UntilAsync(_ => Task.FromResult(memory.Outstanding == 0), Limit, "every block is back", TestContext.Current.CancellationToken);

        // Whoever still has the connection may cut it: nothing happens.
        edge.Loops.Abort(connection);
        Assert.DoesNotContain(edge.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task EndAsync(string end, EdgeHost edge, RawClient client, Connection connection)
    {
        switch (end)
        {
            case "close frame":
                await client.SendAsync((byte[])[.. Again[4..], .. ClientFrames.CloseFrame(1000)]);
                break;
            case "half a frame and FIN":
                await client.LeaveAsync();
                break;
            case "reset":
                client.Reset();
                break;
            case "closed by the Edge":
                edge.Loops.Close(connection, CloseReason.HeartbeatTimeout);
                break;
            case "cut by the Edge":
                edge.Loops.Abort(connection);
                break;
            case "drain":
                await edge.StopAsync().WithinAsync(Limit, "the Edge stops");
                break;
            default:
                for (var i = 0; i < 1000; i++)
                {
                    edge.Publish("1001", new string('x', 10_000));
                }

                break;
        }
    }
}
