using System.Text.Json;
using System.Text.Json.Nodes;
using Push.ComposeTests;
using Push.TestKit;
using Push.TestKit.Network;
using Xunit;

[assembly: AssemblyFixture(typeof(ComposeStack))]

namespace Push.ComposeTests;

/// <summary>
/// The stack of docker-compose.yml under a name and on ports of its own, built from this source tree. It goes away
/// with everything it made, except for the images.
/// </summary>
public sealed class ComposeStack : IAsyncLifetime
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromMinutes(2);

    private readonly string _project = $"push-test-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly Dictionary<string, string> _environment = new()
    {
        ["PUSH_HTTP_PORT"] = $"{FreePort.Take()}",
        ["PUSH_WEBSOCKET_PORT"] = $"{FreePort.Take()}",
        ["PUSH_TAG"] = "test",
    };

    private string[] _compose = [];

    /// <summary>The gateway's port of the HTTP API, which serves <c>/ws</c> too.</summary>
    public Uri Gateway => new($"http://127.0.0.1:{_environment["PUSH_HTTP_PORT"]}");

    /// <summary>The gateway's port of the WebSockets.</summary>
    public Uri WebSockets => new($"http://127.0.0.1:{_environment["PUSH_WEBSOCKET_PORT"]}");

    public async ValueTask InitializeAsync()
    {
        _compose = await FindComposeAsync();
        try
        {
            await ComposeAsync(BuildTimeout, "build");
            await ScaleEdgesAsync(1);
        }
        catch
        {
            // The fixture's own disposal is not called when this fails.
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await ComposeAsync(CommandTimeout, "down", "--volumes", "--remove-orphans", "--timeout", "20");

    /// <summary>Starts what does not run, and returns when all is healthy.</summary>
    public async Task ScaleEdgesAsync(int count)
    {
        await ComposeAsync(StartTimeout, "up", "--detach", "--no-build", "--no-recreate", "--scale", $"edge={count}");
        await WaitUntilHealthyAsync();
    }

    public async Task WaitUntilHealthyAsync() =>
        await Deadline.UntilAsync(
            async _ => (await ContainersAsync()).All(container => container.Health == "healthy"), HealthTimeout, "all containers are healthy", describe: DescribeAsync);

    public async Task<IReadOnlyList<Container>> ContainersAsync(string? service = null)
    {
        var listing = await DockerAsync("ps", "--all", "--quiet", "--no-trunc", "--filter", $"label=com.docker.compose.project={_project}");
        var ids = listing.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length == 0)
        {
            return [];
        }

        var containers = JsonSerializer.Deserialize<JsonArray>(await DockerAsync(["inspect", .. ids]))!.Select(node => ContainerInspection.Read(node!));
        return [.. containers.Where(container => service is null || container.Service == service).OrderBy(container => container.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Ends the container's process as a crash would. The engine's own <c>kill</c> counts as wanted, after which nothing is restarted,
    /// and from inside the first process of a container cannot be killed: hence from the namespace of the host.
    /// </summary>
    public Task CrashAsync(Container container) =>
        DockerAsync("run", "--rm", "--pid", "host", "--network", "none", "--entrypoint", "sh", "redis:8", "-c", $"kill -KILL {container.ProcessId}");

    /// <summary>Runs a program inside a container.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public Task<string> ExecuteAsync(Container container, params string[] command) => DockerAsync(["exec", container.Id, .. command]);

    private Task<string> ComposeAsync(TimeSpan timeout, params string[] arguments) =>
        CommandLine.RunAsync([.. _compose, "--project-name", _project, .. arguments], _environment, timeout);

    private Task<string> DockerAsync(params string[] arguments) => CommandLine.RunAsync(["docker", .. arguments], _environment, CommandTimeout);

    private async Task<string[]> FindComposeAsync()
    {
        try
        {
            await DockerAsync("compose", "version");
            return ["docker", "compose"];
        }
        catch (InvalidOperationException)
        {
            return ["docker-compose"];
        }
    }

    private async Task<string> DescribeAsync()
    {
        var unhealthy = (await ContainersAsync()).Where(container => container.Health != "healthy");
        return string.Join('\n', await Task.WhenAll(unhealthy.Select(async container => $"{container}\n{await DockerAsync("logs", "--tail", "50", container.Id)}")));
    }
}
