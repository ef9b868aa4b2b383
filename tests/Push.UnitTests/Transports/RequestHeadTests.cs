using System.Text;
using CsCheck;
using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class RequestHeadTests
{
    private const string Handshake =
        "GET /ws?token=abc&roomIds=1,2 HTTP/1.1\r\nHost: push.test:8081\r\nUser-Agent: test\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Origin: https://app.test\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    [Fact]
    public void A_handshake_is_read_whole()
    {
        var head = Read(Handshake + "first frames");

        Assert.Equal(RequestHeadStatus.Handshake, head.Status);
        Assert.Equal(Handshake.Length, head.Length);
        var expected = new HandshakeRequest
        {
            IsUpgrade = true,
            Version = "13",
            Key = "dGhlIHNhbXBsZSBub25jZQ==",
            Extensions = null,
            Origin = "https://app.test",
            Host = "push.test:8081",
            IsThroughNetworkGateway = false,
            Query = "?token=abc&roomIds=1,2",
        };
        Assert.Equal(expected, head.ToRequest());
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\n")]
    [InlineData("GET /ws/ HTTP/1.1\r\n")]
    [InlineData("GET /wsx?token=a HTTP/1.1\r\n")]
    [InlineData("POST /ws HTTP/1.1\r\n")]
    [InlineData("GET /ws HTTP/1.0\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    [InlineData("nonsense\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0")]
    public void Anything_else_is_known_by_its_request_line(string start) => Assert.Equal(RequestHeadStatus.NotOurs, Read(start).Status);

    [Theory]
    [InlineData("Upgrade: WebSocket\r\n", "")]
    [InlineData("Upgrade: WebSocket", "Upgrade: h2c")]
    [InlineData("Connection: keep-alive, Upgrade", "Connection: keep-alive")]
    [InlineData("Host: push.test:8081\r\n", "")]
    [InlineData("User-Agent: test", "Content-Length: 5")]
    [InlineData("User-Agent: test", "Transfer-Encoding: chunked")]
    [InlineData("User-Agent: test", "Host: other.test")]
    [InlineData("User-Agent: test", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("User-Agent: test", "no colon")]
    [InlineData("User-Agent: test", "User-Agent : test")]
    public void A_request_that_is_no_plain_handshake_is_handed_back(string field, string instead) =>
        Assert.Equal(RequestHeadStatus.NotOurs, Read(Handshake.Replace(field, instead, StringComparison.Ordinal)).Status);

    [Fact]
    public void What_a_head_is_does_not_depend_on_how_it_arrives() =>
        Gen.Select(Gen.OneOf(Gen.Const(Handshake), Heads), Pieces.Lengths).Sample((text, lengths) =>
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            var whole = Read(text);
            var head = new RequestHead();
            foreach (var end in lengths.Ends(bytes.Length))
            {
                head.Read(Pieces.Segments(bytes.AsMemory(0, end), lengths));
                if (head.Status != RequestHeadStatus.Incomplete)
                {
                    break;
                }
            }

            Assert.Equal(whole.Status, head.Status);
            if (whole.Status == RequestHeadStatus.Handshake)
            {
                Assert.Equal(whole.Length, head.Length);
                Assert.Equal(whole.ToRequest(), head.ToRequest());
            }
        });

    /// <summary>The handshake with a few of its characters changed.</summary>
    private static Gen<string> Heads { get; } = Gen.Select(Gen.Int[0, Handshake.Length - 1], Gen.OneOf('\r', '\n', ':', ' ', 'x', '\0', '%', '/')).Array[1, 3]
        .Select(changes =>
        {
            var text = Handshake.ToCharArray();
            foreach (var (position, instead) in changes)
            {
                text[position] = instead;
            }

            return new string(text);
        });

    private static RequestHead Read(string text)
    {
        var head = new RequestHead();
        head.Read(Pieces.Segments(Encoding.Latin1.GetBytes(text)));
        return head;
    }
}
