using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Listening;

/// <summary>Clients that do not get their request head together in time, over every way in.</summary>
public sealed class HandshakeDeadlineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly (string, string?) Short = ("Edge:HandshakeTimeout", "00:00:00.5");

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: localhost\r\n")]
    [InlineData("GET /hello HTTP/1.1\r\nHost: localhost\r\n")]
    public async Task It_is_ended_and_leaves_nothing(string start)
    {
        await using var edge = await EdgeHost.StartAsync(Short);
        await using var client = await edge.ConnectAsync();

        await client.SendAsync(start);

        await AssertEndedAsync(client);
        Assert.Equal(0, edge.Connections.Count);
    }

    [Fact]
    public async Task One_that_drips_is_ended_too()
    {
        await using var edge = await EdgeHost.StartAsync(Short);
        await using var client = await edge.ConnectAsync();
        var ended = AssertEndedAsync(client);

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                await client.SendAsync("\r\n");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }).WithinAsync(Limit, "the Edge ends it");
        await ended;
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: localhost\r\n")]
    public async Task So_it_is_with_tls(string start)
    {
        using var certificate = new SelfSignedCertificate();
        await using var edge = await EdgeHost.StartAsync(
            Short, ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        await using var client = await edge.ConnectAsync(certificate);

        await client.SendAsync(start);

        await AssertEndedAsync(client);
    }

    [Fact]
    public async Task A_finished_handshake_is_never_disturbed()
    {
        await using var edge = await EdgeHost.StartAsync(Short);
        await using var client = await edge.OpenAsync("1001", inPieces: true);

        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        edge.Publish("1001", "goal");

        var frame = await client.ReadFrameAsync();
        while (frame.Content.Opcode != ClientFrames.Text)
        {
            frame = await client.ReadFrameAsync(); // pings
        }

        Assert.Equal("goal", frame.Text);
    }

    private static async Task AssertEndedAsync(RawClient client)
    {
        try
        {
            await client.ReadToEndAsync().WithinAsync(Limit, "the Edge ends it");
        }
        catch (IOException)
        {
            // By a reset.
        }
    }
}
