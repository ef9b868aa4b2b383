using Xunit;

namespace Push.EndToEndTests.Setup;

/// <summary>
/// Tests that run after all others, one by one: those that send to everybody, that look at everything that happened, or that measure time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
