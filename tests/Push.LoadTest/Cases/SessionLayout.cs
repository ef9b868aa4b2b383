using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Cases;

/// <summary>The rooms of a session and who is in them.</summary>
/// <param name="Rooms">All of them.</param>
/// <param name="Lanes">Publishers at once in a room, everybody's lane included.</param>
/// <param name="Feedback">Whether the publisher hears when a message has reached all; for sessions of one room.</param>
/// <param name="ConnectionsPerToken">Many share one where a case is long: its heartbeats are not what is measured.</param>
/// <param name="Pause">Between the last token and the first connect: what the tokens have set off at the Api is no part of a connect.</param>
internal sealed record SessionLayout(RoomMembers[] Rooms, int Lanes, bool Feedback = false, int ConnectionsPerToken = 1, TimeSpan Pause = default)
{
    /// <summary><paramref name="connections"/> spread evenly over <paramref name="rooms"/> with names that no other session has.</summary>
    public static RoomMembers[] Even(int connections, int rooms)
    {
        var names = NewNames();
        return [.. Enumerable.Range(0, rooms).Select(i => new RoomMembers(names(i), i, (connections / rooms) + (i < connections % rooms ? 1 : 0)))];
    }

    /// <summary>Names rooms by number, for one session.</summary>
    public static Func<int, string> NewNames()
    {
        var session = Guid.NewGuid().ToString("N")[..8];
        return number => $"load-{session}-{number}";
    }

    /// <summary>Each process's share of every room.</summary>
    public IReadOnlyList<RoomMembers[]> Split(int processes) =>
    [
        .. Enumerable.Range(0, processes).Select(p => Rooms
            .Select(r => r with { Members = Share(r.Members, processes, p), Stalling = Share(r.Stalling, processes, p) })
            .ToArray()),
    ];

    private static int Share(int total, int processes, int process) => (total / processes) + (process < total % processes ? 1 : 0);
}
