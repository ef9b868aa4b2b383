using Xunit;
using static Push.TestKit.Clients.ClientFrames;

namespace Push.IntegrationTests.Listening;

/// <summary>How a connection answers what its client sends, as the client sees it: by a frame that arrives, not by a reset.</summary>
public sealed class ClientProtocolTests
{
    public static TheoryData<string, byte[], int> Violations { get; } = new()
    {
        { "unmasked", Unmasked(Text, "hello"u8), 1002 },
        { "reserved bits", [0xF1, 0x80, 1, 2, 3, 4], 1002 },
        { "a continuation of nothing", Frame(Continuation, "x"), 1002 },
        { "a claim of 2^40 bytes", Header(Text, 1L << 40), 1009 },
        { "more bytes than the limit", Frame(Text, new byte[5000]), 1009 },
        { "bad UTF-8", Frame(Text, [0xC3, 0x28]), 1007 },
        { "UTF-8 cut short across fragments", [.. Frame(Text, "€"u8[..2], final: false), .. Frame(Continuation, "")], 1007 },
        { "a close with half a code", Frame(Close, [3]), 1002 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public Task A_violation_closes_the_connection_with_its_code(string what, byte[] bytes, int code) => ExpectCloseAsync(what, bytes, code, inPieces: false);

    [Theory]
    [MemberData(nameof(Violations))]
    public Task So_it_does_where_kestrel_reads(string what, byte[] bytes, int code) => ExpectCloseAsync(what, bytes, code, inPieces: true);

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(4321)]
    public async Task A_close_is_answered_and_ends_the_connection_at_once(ushort code)
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync();

        await client.SendAsync(CloseFrame(code, "bye"));

        Assert.Equal(code, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_just_leaves_is_forgotten()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync();
        Assert.Equal(1, edge.Connections.Count);

        await client.LeaveAsync();

        Assert.Equal(0, edge.Connections.Count);
        Assert.DoesNotContain(edge.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_may_come_in_any_pieces(bool inPieces)
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:MaxClientMessageBytes", "65536"));
        await using var client = await edge.OpenAsync(inPieces: inPieces);
        byte[] bytes = [.. Frame(Text, new string('x', 60_000)), .. Frame(Text, "y"), .. Frame(Ping, "all read")];

        for (var (at, length) = (0, 1); at < bytes.Length; at += length, length = Math.Min(length * 2, bytes.Length - at))
        {
            await client.SendAsync(bytes.AsMemory(at, length));
        }

        Assert.Equal((Pong, "all read"), (await client.ReadFrameAsync()).Content);
        foreach (var one in Frame(Ping, "byte by byte"))
        {
            await client.SendAsync(new[] { one });
        }

        Assert.Equal((Pong, "byte by byte"), (await client.ReadFrameAsync()).Content);
    }

    [Fact]
    public async Task A_flood_of_pings_is_answered_by_the_last_one_of_a_read()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync();

        var pings = Enumerable.Range(0, 1000).SelectMany(i => Frame(Ping, $"{i}")).ToArray();
        await client.SendAsync(pings);

        var answers = 0;
        for (var last = ""; last != "999"; answers++)
        {
            var (opcode, payload) = (await client.ReadFrameAsync()).Content;
            Assert.Equal(Pong, opcode);
            last = payload;
        }

        Assert.InRange(answers, 1, 100);
    }

    [Fact]
    public async Task What_a_client_says_does_not_matter_as_long_as_it_is_well_formed()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync();

        await client.SendAsync((byte[])[.. Frame(Text, "hello"), .. Frame(Binary, [0xFF]), .. Frame(Pong, ""), .. Frame(Ping, "x")]);

        Assert.Equal((Pong, "x"), (await client.ReadFrameAsync()).Content);
    }

    private static async Task ExpectCloseAsync(string what, byte[] bytes, int code, bool inPieces)
    {
        Assert.NotEmpty(what);
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync(inPieces: inPieces);

        // More follows, as from a client that does not know yet: unread bytes must not turn the close into a reset.
        await client.SendAsync((byte[])[.. bytes, .. new byte[2000]]);

        Assert.Equal(code, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal(0, edge.Connections.Count);
    }
}
