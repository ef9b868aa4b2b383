using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Setup;

/// <summary>What the tests share: entering a topology, deadlines, and the services' logs beside a failure.</summary>
public abstract class EndToEndTest(Topologies topologies, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly List<Site> _sites = [];

    /// <summary>For what takes milliseconds where the machine has nothing else to do.</summary>
    protected static TimeSpan Soon { get; } = TimeSpan.FromSeconds(60);

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected Topologies Topologies => topologies;

    protected ITestOutputHelper Output => output;

    protected async Task<Site> EnterAsync(Entrance entrance) =>
        Enter(await topologies.StartedAsync(entrance).WaitAsync(Cancelled), throughGateway: entrance == Entrance.Gateway);

    protected Site Enter(Topology topology, bool throughGateway = false, TimeSpan? heartbeatInterval = null)
    {
        var site = new Site(topology, throughGateway, heartbeatInterval);
        _sites.Add(site);
        return site;
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            foreach (var topology in _sites.Select(site => site.Topology).Distinct())
            {
                output.WriteLine(topology.LogTails());
            }
        }

        foreach (var site in _sites)
        {
            await site.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
