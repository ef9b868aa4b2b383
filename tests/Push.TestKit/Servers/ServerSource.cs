namespace Push.TestKit.Servers;

/// <summary>
/// Finds the first way in which a server can be had: a connection string from the environment, a container, a program.
/// <c>PUSH_TEST_SERVERS=containers</c> or <c>programs</c> allows one way alone.
/// </summary>
/// <typeparam name="TServer">The server.</typeparam>
internal sealed class ServerSource<TServer>
{
    private const string KindVariable = "PUSH_TEST_SERVERS";

    /// <summary>The environment variable that may hold a connection string.</summary>
    public required string Variable { get; init; }

    /// <summary>What to do where none of the ways is open.</summary>
    public required string Remedy { get; init; }

    public required Func<string, CancellationToken, Task<TServer>> UseRemoteAsync { get; init; }

    public required Func<CancellationToken, Task<TServer>> StartContainerAsync { get; init; }

    /// <summary>Null where the program is not installed.</summary>
    public required Func<CancellationToken, Task<TServer>>? StartProgramAsync { get; init; }

    public async Task<TServer> StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString)
        {
            return await UseRemoteAsync(connectionString, cancellationToken);
        }

        Exception? noContainer = null;
        var allowed = Allowed();
        if (allowed is null or ServerKind.Container)
        {
            try
            {
                return await StartContainerAsync(cancellationToken);
            }
            catch (Exception e) when (allowed is null && e is not OperationCanceledException)
            {
                noContainer = e;
            }
        }

        return StartProgramAsync is null
            ? throw new InvalidOperationException($"{Remedy} ({noContainer?.Message ?? "containers are switched off"})", noContainer)
            : await StartProgramAsync(cancellationToken);
    }

    private static ServerKind? Allowed() => Environment.GetEnvironmentVariable(KindVariable) switch
    {
        null or "" => null,
        "containers" => ServerKind.Container,
        "programs" => ServerKind.Program,
        var other => throw new InvalidOperationException($"{KindVariable} is '{other}': it may be 'containers' or 'programs'"),
    };
}
