using System.Text;
using Push.LoadTest.Wire;
using Xunit;

namespace Push.UnitTests.LoadTest.Wire;

public sealed class HttpResponseTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\ncontent-length:0\r\n\r\n", 503)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204)]
    public void A_response_is_complete_at_its_last_byte_and_not_before(string text, int status)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.True(HttpResponse.TryRead(bytes, out var read));
        Assert.Equal(status, read);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(HttpResponse.TryRead(bytes.AsSpan(0, length), out _));
        }
    }
}
