using Push.LoadTest.Results;

namespace Push.LoadTest.Publishing;

/// <summary>One run of publishing; a line on the publisher's standard input each.</summary>
internal sealed record PublishPlan
{
    public required PublishMode Mode { get; init; }

    public required PublishRoom[] Rooms { get; init; }

    /// <summary>Publishers at once: in each room when paced, altogether otherwise.</summary>
    public required int Lanes { get; init; }

    /// <summary>The number of the first lane: what goes to everybody must not share the lanes of rooms.</summary>
    public int FirstLane { get; init; }

    /// <summary>When paced: messages a second, over all rooms.</summary>
    public double Rate { get; init; }

    /// <summary>Ends after so long.</summary>
    public required double Seconds { get; init; }

    /// <summary>Ends after so many messages; 0: by time alone.</summary>
    public int Count { get; init; }

    /// <summary>False while warming up.</summary>
    public required bool Measured { get; init; }

    public required int PayloadBytes { get; init; }

    /// <summary>What a case begins with: its rate and message size for the time of its warm-up, not measured.</summary>
    public static PublishPlan WarmUp(PublishMode mode, PublishRoom[] rooms, CaseParameters parameters, int lanes = 1) => new()
    {
        Mode = mode,
        Rooms = rooms,
        Lanes = lanes,
        Rate = parameters.Rate,
        Seconds = parameters.WarmUpSeconds,
        Measured = false,
        PayloadBytes = parameters.PayloadBytes,
    };
}

/// <param name="Name">As the server knows it; null for everybody.</param>
/// <param name="Number">As the stamp knows it.</param>
/// <param name="Members">Deliveries that one message makes.</param>
internal sealed record PublishRoom(string? Name, int Number, int Members);

internal enum PublishMode
{
    /// <summary>A lane publishes its next message when all subscribers have the last one.</summary>
    Closed,

    /// <summary>At a rate, whatever the answers: a message whose lane is still busy counts from when it was due.</summary>
    Paced,

    /// <summary>A lane publishes its next message when the last one is confirmed.</summary>
    Flood,
}
