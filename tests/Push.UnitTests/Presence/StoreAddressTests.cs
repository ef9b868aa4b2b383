using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Push.Presence;
using StackExchange.Redis;
using Xunit;

namespace Push.UnitTests.Presence;

public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("redis://:secret@store.example:6380/3", "store.example:6380", null, "secret", 3, false)]
    [InlineData("redis://secret@store.example", "store.example:6379", null, "secret", null, false)]
    [InlineData("rediss://push:a%40b%3A@store.example/", "store.example:6379", "push", "a@b:", null, true)]
    [InlineData("redis://store.example:6379/0", "store.example:6379", null, null, 0, false)]
    [InlineData("store.example:6380,password=secret,user=push,ssl=true,defaultDatabase=2", "store.example:6380", "push", "secret", 2, true)]
    [InlineData("store.example", "store.example:0", null, null, null, false)] // 0: the library's default
    [InlineData(" ", "localhost:6379", null, null, null, false)]
    public void Both_forms_are_understood(string text, string endPoint, string? user, string? password, int? database, bool tls)
    {
        var options = Read(text);
        Assert.EndsWith(endPoint, options.EndPoints.Single().ToString(), StringComparison.Ordinal);
        Assert.Equal((user, password, database, tls), (options.User, options.Password, options.DefaultDatabase, options.Ssl));
    }

    [Theory]
    [InlineData("foo=s3cret")]
    [InlineData("http://:s3cret@store.example")]
    [InlineData("redis://:s3cret@")]
    [InlineData("redis://:s3cret@store.example/zero")]
    [InlineData("redis://:s3cret@store.example:70000")]
    [InlineData("redis://:s3cret@a:6379,b:6380")]
    [InlineData("redis://:s3cret@store.example/0?ssl=true")]
    [InlineData("store example:6379,password=s3cret")]
    [InlineData("password=s3cret")]
    public void Anything_else_is_refused_without_being_shown(string text)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(text));
        Assert.Contains("ConnectionStrings:Redis", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    private static ConfigurationOptions Read(string text) =>
        StoreAddress.Read(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Redis", text)]).Build());
}
