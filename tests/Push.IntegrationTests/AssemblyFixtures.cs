using Push.IntegrationTests;
using Push.TestKit.Servers;
using Xunit;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SharedBroker))]
[assembly: AssemblyFixture(typeof(SharedStore))]

// More than there are processors: most of these tests wait for a broker, a store or a program.
[assembly: Parallelization(MaxThreads = 4)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
