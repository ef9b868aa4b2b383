using Push.DeployTests.Manifests;
using Push.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(RenderedOverlays))]

namespace Push.DeployTests.Manifests;

/// <summary>The overlays, and copies of production's with the components that docs/operations.md names, each rendered once for all tests.</summary>
public sealed class RenderedOverlays : IAsyncLifetime
{
    public const string Dev = "k8s/overlays/dev";
    public const string Prod = "k8s/overlays/prod";
    public const string ProdWithKeda = "prod with keda";
    public const string ProdWithLoadBalancer = "prod with load-balancer";
    public const string ProdWithBoth = "prod with keda and load-balancer";

    private readonly Dictionary<string, Overlay> _overlays = [];

    public static TheoryData<string> Names => [Dev, Prod, ProdWithKeda, ProdWithLoadBalancer, ProdWithBoth];

    internal Overlay this[string name] => _overlays[name];

    public async ValueTask InitializeAsync()
    {
        foreach (var name in (string[])[Dev, Prod])
        {
            await AddAsync(name, SolutionFolder.PathOf(name));
        }

        using var copies = new OverlayCopies();
        await AddAsync(ProdWithKeda, copies.OfProduction("keda"));
        await AddAsync(ProdWithLoadBalancer, copies.OfProduction("load-balancer"));
        await AddAsync(ProdWithBoth, copies.OfProduction("keda", "load-balancer"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AddAsync(string name, string folder) => _overlays.Add(name, new Overlay(name, ManifestReader.Read(await Kustomize.RenderAsync(folder))));
}
