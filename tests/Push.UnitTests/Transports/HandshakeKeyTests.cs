using System.Text;
using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class HandshakeKeyTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    [Fact]
    public void The_answer_is_the_one_of_the_standard() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", HandshakeKey.Accept(Key));

    [Theory]
    [InlineData(null, "")]
    [InlineData("permessage-deflate", "\r\nSec-WebSocket-Extensions: permessage-deflate")]
    public void The_response_is_a_complete_head(string? extensions, string field)
    {
        Span<byte> response = stackalloc byte[HandshakeKey.ResponseLength(extensions)];
        HandshakeKey.WriteResponse(Key, extensions, response);

        Assert.Equal(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo={field}\r\n\r\n",
            Encoding.ASCII.GetString(response));
    }

    [Theory]
    [InlineData(Key, true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZTE=", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZ!==", false)]
    public void A_key_is_sixteen_bytes_in_base64(string? key, bool isValid) => Assert.Equal(isValid, HandshakeKey.IsValid(key));
}
