using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>A named situation to measure.</summary>
internal abstract class LoadCase
{
    public abstract string Name { get; }

    public abstract string Description { get; }

    /// <summary>The case's definition.</summary>
    public abstract CaseParameters Defaults { get; }

    public abstract Task<CaseResult> RunAsync(CaseContext context);
}
