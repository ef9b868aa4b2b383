using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class HandshakeQueryTests
{
    [Theory]
    [InlineData("?token=abc", "abc")]
    [InlineData("?roomIds=1&token=abc", "abc")]
    [InlineData("?token=", "")]
    [InlineData("?token=a%2Bb+c%20d", "a+b c d")]
    [InlineData("?tok%65n=abc", "abc")]
    [InlineData("?token=first&token=second", "first")]
    [InlineData("?token=a=b", "a=b")]
    [InlineData("?token=%zz", "%zz")]
    [InlineData("?Token=abc", null)]
    [InlineData("?token", null)]
    [InlineData("?", null)]
    [InlineData("", null)]
    public void A_parameter_is_found_and_decoded(string query, string? expected)
    {
        Assert.Equal(expected is not null, HandshakeQuery.TryFind(query, "token", out var value));
        Assert.Equal(expected ?? "", value.ToString());
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData(" , ,", "")]
    [InlineData("1001", "1001")]
    [InlineData(" 1001 ,, 1001 , 2002", "1001 2002")]
    [InlineData("a,b,c", "a b")]
    [InlineData("a,b,not a room!", "a b")]
    [InlineData("a,a,a,b,c", "a b")]
    public void The_first_distinct_rooms_count(string? roomIds, string expected)
    {
        Assert.True(HandshakeQuery.TryReadRooms(roomIds, 2, out var rooms, out _));
        Assert.Equal(expected, string.Join(' ', rooms));
    }

    [Theory]
    [InlineData("a b", "a b")]
    [InlineData("a,b/c", "b/c")]
    [InlineData("%zz", "%zz")]
    [InlineData("x\0y", "x\0y")]
    public void A_malformed_room_is_named(string roomIds, string malformed)
    {
        Assert.False(HandshakeQuery.TryReadRooms(roomIds, 2, out _, out var named));
        Assert.Equal(malformed, named);
    }

    [Theory]
    [InlineData("a b", "Invalid room id: a b")]
    [InlineData("x\0y\r\nz", "Invalid room id: x?y??z")]
    public void What_a_client_sent_is_shown_without_harm(string room, string text) => Assert.Equal(text, Refusal.BadRoom(room).Text);

    [Fact]
    public void A_long_room_is_named_by_its_start() => Assert.Equal($"Invalid room id: {new string('a', 64)}…", Refusal.BadRoom(new string('a', 5_000)).Text);
}
