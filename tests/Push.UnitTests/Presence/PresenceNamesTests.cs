using CsCheck;
using Push.Presence;
using Xunit;

namespace Push.UnitTests.Presence;

public sealed class PresenceNamesTests
{
    private static readonly Gen<string> Names = Gen.String[Gen.OneOf(Gen.Char.AlphaNumeric, Gen.Char["_.:-/"]), 1, 64];

    [Fact]
    public void Entries_and_Edges_are_read_as_they_were_written() => Gen.Select(Names, Names).Sample((one, other) =>
    {
        var entry = new PresenceEntry(one, other);
        Assert.Equal(entry, PresenceEntry.Parse(entry.ToString()));

        var edge = EdgeInstance.Next(one);
        Assert.True(EdgeInstance.TryParse(edge.ToString(), out var again));
        Assert.Equal(edge, again);
    });

    [Fact]
    public void An_Edge_that_starts_again_is_another_instance() => Assert.NotEqual(EdgeInstance.Next("edge-1"), EdgeInstance.Next("edge-1"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("edge-1")]
    [InlineData("/generation")]
    public void What_is_no_instance_is_refused(string? text) => Assert.False(EdgeInstance.TryParse(text, out _));

    [Fact]
    public void Keys_of_one_subject_share_a_hash_tag()
    {
        var edge = new EdgeInstance("edge-1", "g1");

        Assert.Equal("push:{t1}:alive", PresenceKeys.Alive("t1"));
        Assert.Equal("push:deadlines:{edge-1/g1}", PresenceKeys.Deadlines(edge));
        Assert.Equal("push:edges:{edge-1/g1}:alive", PresenceKeys.EdgeAlive(edge));
    }
}
