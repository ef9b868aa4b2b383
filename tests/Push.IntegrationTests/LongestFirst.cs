using Push.IntegrationTests.Epochs;
using Push.IntegrationTests.Ingest;
using Push.IntegrationTests.Messaging;
using Push.IntegrationTests.TestKit;
using Xunit.Sdk;
using Xunit.v3;

namespace Push.IntegrationTests;

/// <summary>
/// The classes that start brokers of their own take the longest, and begin first: one that began last would run alone while the
/// other threads have nothing left to do. The rest keeps its random order.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
        [typeof(BrokerDataTests), typeof(BrokerOutageTests), typeof(EpochRunsTests), typeof(BrokerServerTests), typeof(BrokerRestartTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        // A class without a collection has one of its own, which is named after it.
        var rank = Array.FindIndex(Longest, type => collection.TestCollectionDisplayName.Contains($" {type.FullName} ", StringComparison.Ordinal));
        return rank < 0 ? Longest.Length : rank;
    }
}
