namespace Push.LoadTest.Processes;

/// <summary>A part of the system under test: one process or several that are counted together.</summary>
/// <param name="Name">As it is printed: edge, api, broker, redis, ….</param>
/// <param name="Processes">Their ids.</param>
internal sealed record ProcessRole(string Name, IReadOnlyList<int> Processes)
{
    /// <summary>Others once the part has been started again.</summary>
    public IReadOnlyList<int> Processes { get; set; } = Processes;

    /// <exception cref="InvalidOperationException">One of the processes is gone.</exception>
    public ProcessSample Sample() => Processes
        .Select(id => ProcFile.Sample(id) ?? throw new InvalidOperationException($"process {id} ({Name}) is gone"))
        .Aggregate((a, b) => a + b);
}
