using Push.TestKit.Network;

namespace Push.TestKit.Servers;

/// <summary>How a server runs: as a program, in a container, or somewhere else behind a proxy. Its addresses survive a restart.</summary>
internal interface IServerHost : IAsyncDisposable
{
    /// <summary>Where clients connect.</summary>
    ServerAddress Address { get; }

    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Connections end, new ones are refused.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Connections stay, nothing is answered.</summary>
    Task PauseAsync(CancellationToken cancellationToken);

    Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Ends it at once, as a crash or the kernel does.</summary>
    Task KillAsync(CancellationToken cancellationToken);

    /// <summary>Where its data is, to be looked at while it is stopped; null where that is not on this machine.</summary>
    string? DataFolder { get; }

    /// <summary>The end of the server's log, where there is one.</summary>
    string LogTail();
}
