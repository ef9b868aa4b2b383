using Xunit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>The tests that look at one <see cref="ObservedSystem"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ObservedCollection : ICollectionFixture<ObservedSystem>
{
    public const string Name = "observed";
}
