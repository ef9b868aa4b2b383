using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class HealthTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly string[] Paths = ["/health", "/health/live", "/health/ready"];
    private static readonly Answer Healthy = new(200, """{"status":"healthy"}""");

    [Theory]
    [MemberData(nameof(Entrances.OfEveryTopology), MemberType = typeof(Entrances))]
    public async Task Every_service_says_how_it_is(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var questions = site.Topology.Services.SelectMany(service => Paths.Select(path => (service, path)));

        await Assert.AllAsync(questions, async question =>
        {
            using var calls = new PushCalls(question.service.Address);
            Assert.Equal((question.service.Name, Healthy), (question.service.Name, await calls.GetAsync(question.path, Cancelled)));
        });
    }
}
