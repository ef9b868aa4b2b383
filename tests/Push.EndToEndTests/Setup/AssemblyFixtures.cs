using Push.EndToEndTests.Setup;
using Xunit;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Topologies))]

// More than there are processors: the tests that wait for half a minute to pass need none.
[assembly: Parallelization(MaxThreads = 8)]
