using System.Net.Sockets;
using System.Text;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Operations;

/// <summary>Publishers whose connection ends in the middle of a body: nobody's fault here, so no error in a log, and no answer of 500.</summary>
public sealed class CutUploadTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Head = $"POST {PushCalls.PublishPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private static readonly string[] Uploads =
    [
        Head + "Content-Length: 1000\r\n\r\n",
        Head + "Content-Length: 1000\r\n\r\n{\"roomId\":\"1\",",
        Head + "Transfer-Encoding: chunked\r\n\r\n",
        Head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"roo",
        Head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"roo\r\n",
        Head + "Transfer-Encoding: chunked\r\n\r\nnot a size\r\n",
    ];

    [Fact]
    public async Task Services_and_gateway_log_no_error()
    {
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan { Broker = host.Address, Store = database.ConnectionString, Apis = 1, Edges = 1, Sweepers = 0 }, Cancelled);

        await AssertQuietAsync(topology, [topology.Apis[0], topology.Gateway!]);
    }

    [Fact]
    public async Task The_all_in_one_logs_no_error()
    {
        await using var topology = await Topology.StartAllInOneAsync(new Dictionary<string, string?>(), cancellationToken: Cancelled);

        await AssertQuietAsync(topology, topology.Apis);
    }

    private async Task AssertQuietAsync(Topology topology, IReadOnlyList<Uri> addresses)
    {
        Enter(topology);
        foreach (var address in addresses)
        {
            foreach (var upload in Uploads)
            {
                Assert.DoesNotContain(" 500 ", await CutAsync(address, upload, isReset: false).WithinAsync(Soon, "the answer to a cut upload"), StringComparison.Ordinal);
                await CutAsync(address, upload, isReset: true).WithinAsync(Soon, "a reset upload");
            }

            using var calls = new PushCalls(address);
            Assert.Equal(200, (await calls.PublishAsync(new { roomId = "1", message = "whole" }, Cancelled)).Status);
        }

        // What is logged late is there when the process has ended.
        foreach (var service in topology.Services.Reverse())
        {
            await service.StopAsync(Grace);
            Assert.DoesNotContain(service.Log.Lines, IsFault);
        }
    }

    /// <returns>What the service answers where the client still reads.</returns>
    private static async Task<string> CutAsync(Uri address, string upload, bool isReset)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, Cancelled);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(upload), Cancelled);
        if (isReset)
        {
            client.Client.Close(timeout: 0);
            return "";
        }

        using var reader = new StreamReader(stream);
        try
        {
            client.Client.Shutdown(SocketShutdown.Send);
            return await reader.ReadToEndAsync(Cancelled);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Its end may be a reset.
            return "";
        }
    }

    private static bool IsFault(string line) =>
        line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal) || line.Contains("BadHttpRequestException", StringComparison.Ordinal);
}
