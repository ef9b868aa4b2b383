using Push.LoadTest.Results;
using Push.LoadTest.Targets;

namespace Push.LoadTest.Cases;

/// <summary>What a case runs against and with.</summary>
internal sealed record CaseContext
{
    public required string CaseName { get; init; }

    public required Target Target { get; init; }

    public required CaseParameters Parameters { get; init; }

    /// <summary>At least so many; each has one receiving thread.</summary>
    public int SubscriberProcesses { get; init; } = 1;

    public required CaseProgress Progress { get; init; }

    public CancellationToken CancellationToken { get; init; }
}
