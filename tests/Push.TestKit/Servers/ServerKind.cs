namespace Push.TestKit.Servers;

/// <summary>Where the tests' brokers and stores come from.</summary>
internal enum ServerKind
{
    /// <summary>A connection string in the environment.</summary>
    Remote,

    /// <summary>A container that the tests start.</summary>
    Container,

    /// <summary>A program of this machine that the tests start, with a data folder of its own.</summary>
    Program,
}
