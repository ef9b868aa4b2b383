using Push.TestKit.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedBroker))]
[assembly: AssemblyFixture(typeof(SharedStore))]
