using Push.DeployTests.Manifests;
using Xunit;

[assembly: AssemblyFixture(typeof(RenderedOverlays))]

namespace Push.DeployTests.Manifests;

/// <summary>The overlays, each rendered once for all tests.</summary>
public sealed class RenderedOverlays : IAsyncLifetime
{
    public const string Dev = "k8s/overlays/dev";
    public const string Prod = "k8s/overlays/prod";
    public const string ProdWithKeda = "tests/Push.DeployTests/Fixtures/keda";

    private readonly Dictionary<string, Overlay> _overlays = [];

    public static TheoryData<string> Names => [Dev, Prod, ProdWithKeda];

    internal Overlay this[string name] => _overlays[name];

    public async ValueTask InitializeAsync()
    {
        foreach (var name in Names)
        {
            _overlays.Add(name, new Overlay(name, ManifestReader.Read(await Kustomize.RenderAsync(Repository.PathOf(name)))));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
