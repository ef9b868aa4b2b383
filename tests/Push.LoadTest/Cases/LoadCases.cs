using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>All cases, in the order in which they run best: memory first, while the server is fresh.</summary>
internal static class LoadCases
{
    public static IReadOnlyList<LoadCase> All { get; } =
    [
        new IdleMemoryCase(),
        new ConnectCase(),
        new FanoutCase(
            "F1",
            "one room of 1,000, closed loop with 16 messages not yet delivered to all: throughput",
            PublishMode.Closed,
            new CaseParameters { Connections = 1_000, InFlight = 16 }),
        new FanoutCase(
            "K1",
            "one room of 1,000, one message at a time: nothing to batch",
            PublishMode.Closed,
            new CaseParameters { Connections = 1_000, InFlight = 1 }),
        new FanoutCase(
            "F2",
            "one room of 5,000, 10 messages/s: latency in a big room",
            PublishMode.Paced,
            new CaseParameters { Connections = 5_000, Rate = 10 }),
        new FanoutCase(
            "F3",
            "100 rooms of 50, 200 messages/s: latency in many rooms",
            PublishMode.Paced,
            new CaseParameters { Connections = 5_000, Rooms = 100, Rate = 200 }),
        new PublishCase(),
        new HeartbeatCase(),
        new SkipCase(),
        new RestartCase(),
        new StallCase(),
        new FloodCase(),
        new BurstCase(),
        new SoakCase(
            "resets",
            "10,000 in 100 rooms, 500 messages/s for 60 s, half of them reset at random moments: nobody gets what is another's, no descriptor is left",
            replaced: 84,
            areReset: true,
            new CaseParameters { Connections = 10_000, Rooms = 100, Rate = 500, Seconds = 60 }),
        new SoakCase(
            "soak",
            "30 minutes of 5,000 in 100 rooms, 1,500 messages/s, 50 connections a second replaced: growth of RSS, handles, threads",
            replaced: 50,
            areReset: false,
            new CaseParameters { Connections = 5_000, Rooms = 100, Rate = 1_500, Seconds = 1_800, WarmUpSeconds = 30 }),
    ];

    /// <summary>Those that are over within a minute: what runs when no case is named.</summary>
    public static IReadOnlyList<LoadCase> Short { get; } = [.. All.Where(c => c is not SoakCase)];

    /// <summary>Those that any WebSocket server can run.</summary>
    public static IReadOnlyList<LoadCase> Comparable { get; } = [.. All.Where(c => c is FanoutCase or ConnectCase or IdleMemoryCase)];
}
