namespace Push.LoadTest.Publishing;

/// <summary>How a run went; a line on the publisher's standard output each.</summary>
internal sealed record PublishReport
{
    public int Confirmed { get; init; }

    public int Failed { get; init; }

    /// <summary>Why the first one failed.</summary>
    public string? FirstFailure { get; init; }

    /// <summary>Deliveries that the confirmed messages make.</summary>
    public long Expected { get; init; }

    /// <summary>From the first message until the last one was confirmed (in closed loop: delivered).</summary>
    public double Seconds { get; init; }

    /// <summary>From handing over to confirmed; nanoseconds and counts in turn.</summary>
    public long[] ConfirmTimes { get; init; } = [];
}
