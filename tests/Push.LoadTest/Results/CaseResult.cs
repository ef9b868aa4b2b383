namespace Push.LoadTest.Results;

/// <summary>What one run of one case measured.</summary>
internal sealed record CaseResult
{
    public required string Case { get; init; }

    public required string Target { get; init; }

    public required CaseParameters Parameters { get; init; }

    public int Connections { get; init; }

    public int Published { get; init; }

    public int PublishFailures { get; init; }

    public long Delivered { get; init; }

    /// <summary>Accepted by the server and not received by a subscriber that was there.</summary>
    public long Lost { get; init; }

    /// <summary>Missing between two messages of one connection and one lane: a part of what is lost.</summary>
    public long PassedOver { get; init; }

    public long Duplicates { get; init; }

    public long Reordered { get; init; }

    public long Misdelivered { get; init; }

    public double Seconds { get; init; }

    public double? DeliveriesPerSecond { get; init; }

    /// <summary>Stamped to read from the socket.</summary>
    public Percentiles? Latency { get; init; }

    /// <summary>Handed over to confirmed.</summary>
    public Percentiles? Confirm { get; init; }

    /// <summary>Connect to joined.</summary>
    public Percentiles? Connect { get; init; }

    public double? ConnectsPerSecond { get; init; }

    /// <summary>Of the part that holds the sockets.</summary>
    public double? RssBytesPerConnection { get; init; }

    public Dictionary<int, int> Closes { get; init; } = [];

    /// <summary>The part whose CPU is the case's figure.</summary>
    public required string PrimaryRole { get; init; }

    public Dictionary<string, RoleUsage> Roles { get; init; } = [];

    /// <summary>What only this case measures, by name.</summary>
    public Dictionary<string, double> Figures { get; init; } = [];

    /// <summary>What a reader should know about this run.</summary>
    public List<string> Notes { get; init; } = [];

    public double? CpuSecondsPerMillion => Roles.GetValueOrDefault(PrimaryRole)?.CpuSecondsPerMillion;
}
