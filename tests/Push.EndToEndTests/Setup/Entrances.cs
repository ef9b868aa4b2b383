using Xunit;

namespace Push.EndToEndTests.Setup;

/// <summary>Theory data.</summary>
public static class Entrances
{
    public static TheoryData<Entrance> All => [.. Enum.GetValues<Entrance>()];

    /// <summary>Each set of processes once.</summary>
    public static TheoryData<Entrance> OfEveryTopology => [Entrance.AllInOne, Entrance.Services];
}
