using CsCheck;
using Push.Contracts;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class RoomKeyTests
{
    [Fact]
    public void Nobody_hears_a_key_that_was_never_set()
    {
        Assert.Equal(RoomKeyKind.Nobody, default(RoomKey).Kind);
        Assert.Equal("", default(RoomKey).ToString());
        Assert.Equal("", default(RoomKey).ClientName);
        Assert.False(RoomKey.TryParse("", out _));
    }

    [Fact]
    public void The_text_form_is_read_back() =>
        Gen.OneOf(
                Gen.Const(RoomKey.Everybody),
                Gen.String[Gen.Char["ABCxyz019_.:-"], 1, RoomId.MaxLength].Select(RoomKey.Room),
                Gen.String[Gen.Char[' ', '\ud7ff'], 1, PrincipalId.MaxLength].Where(id => PrincipalId.IsValid(id)).Select(RoomKey.User),
                Gen.String[Gen.Char[' ', '\ud7ff'], 1, PrincipalId.MaxLength].Where(id => PrincipalId.IsValid(id)).Select(RoomKey.Device))
            .Sample(key => RoomKey.TryParse(key.ToString(), out var parsed) && parsed == key);

    [Theory]
    [InlineData("*", "*")]
    [InlineData("room:1001", "1001")]
    [InlineData("user:42", "@user")]
    [InlineData("device:abc", "@device")]
    public void A_client_calls_its_own_keys_by_fixed_names(string text, string name)
    {
        Assert.True(RoomKey.TryParse(text, out var key));
        Assert.Equal(name, key.ClientName);
        Assert.True(key.Kind == RoomKeyKind.Room || !RoomId.IsValid(name));
    }
}
