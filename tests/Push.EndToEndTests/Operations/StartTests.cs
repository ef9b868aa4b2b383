using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Push.TestKit.Processes;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Operations;

/// <summary>What a service is started with, and where.</summary>
public sealed class StartTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static TheoryData<string> Projects => ["services/Push.Api", "services/Push.Edge", "services/Push.Sweeper", "services/Push.AllInOne", "gateway/Push.Gateway"];

    [Fact]
    public async Task Another_project_s_settings_in_the_folder_make_no_difference()
    {
        using var folder = new PrivateFolder("foreign");
        foreach (var file in (string[])["appsettings.json", "appsettings.Development.json"])
        {
            folder.Write(file, """
                {
                  "Listen": { "Url": "http://127.0.0.1:1" },
                  "Access": { "ApiKeys": [ "a-key-of-another-project" ] },
                  "ConnectionStrings": { "RabbitMq": "amqp://127.0.0.1:1", "Redis": "127.0.0.1:1" }
                }
                """);
        }

        var (http, edge) = (Address(), Address());
        await using var service = ServiceProcess.Launch("all-in-one", "services/Push.AllInOne", http, Listen(http, edge), folder: folder.Subfolder("."));
        await service.ReadyAsync(Cancelled);
        using var calls = new PushCalls(http);

        // Open, and with its own queue and store.
        Assert.Equal(200, (await calls.PublishAsync(new { roomId = "1", message = "x" }, Cancelled)).Status);
    }

    [Fact]
    public async Task The_file_that_config_names_is_read_below_the_environment()
    {
        using var folder = new PrivateFolder("config");
        folder.Write("push.json", """{ "Listen": { "Url": "http://127.0.0.1:1" }, "Access": { "ApiKeys": [ "a-key-of-this-very-file" ] } }""");
        var (http, edge) = (Address(), Address());

        // The path is from where it is started.
        await using var service = ServiceProcess.Launch("all-in-one", "services/Push.AllInOne", http, Listen(http, edge), ["--config", "push.json"], folder.Subfolder("."));
        await service.ReadyAsync(Cancelled);
        using var calls = new PushCalls(http);

        Assert.Equal(401, (await calls.PublishAsync(new { roomId = "1", message = "x" }, Cancelled)).Status);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public async Task A_mistaken_argument_starts_nothing(string project)
    {
        foreach (var arguments in (string[][])[["--health", "x"], ["--helth"], ["Listen:Url=http://127.0.0.1:1"], ["--config", "/no/such/file.json"]])
        {
            await using var service = ServiceProcess.Launch("mistaken", project, Address(), [], arguments);
            Assert.Equal(1, await service.WaitForExitAsync(Limit));
            Assert.StartsWith("Cannot start: ", Assert.Single(service.Log.Lines), StringComparison.Ordinal);
        }
    }

    /// <summary>In a network namespace of its own, where the kernel lets anybody make one, with IPv6 switched off.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public async Task A_machine_without_IPv6_is_a_machine(string project)
    {
        const string WithoutIPv6 = "ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1";
        await using (var trial = ChildProcess.Start("trial", "unshare", ["-rn", "sh", "-c", $"{WithoutIPv6} && ! grep -q . /proc/net/if_inet6"], new Dictionary<string, string?>()))
        {
            var isPossible = await trial.WaitForExitAsync(Limit) == 0;
            Assert.SkipUnless(isPossible, $"This kernel lets nobody make a network namespace without IPv6: {trial.Log.Tail()}");
        }

        // The service is a child of the shell, which ends it: whoever is killed, both are.
        var script = $"""
            {WithoutIPv6}
            dotnet '{ServiceBuild.AssemblyOf(project)}' & service=$!
            trap 'kill -KILL $service' EXIT
            until curl --silent --fail http://localhost:7777/health && curl --silent --fail --output /dev/null http://127.0.0.1:7778/metrics; do
              kill -0 $service || exit 3
              curl --silent --max-time 1 --output /dev/null telnet://127.0.0.1:1 || :
            done
            """;
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Listen__Url"] = "http://localhost:7777",
            ["Listen__Edge__Url"] = "http://localhost:7779",
            ["OTEL_METRICS_EXPORTER"] = "prometheus",
            ["Metrics__Url"] = "http://*:7778",
        };
        await using var run = ChildProcess.Start("without-ipv6", "unshare", ["-rn", "--kill-child", "--fork", "--pid", "bash", "-c", script], environment);

        var exitCode = await run.WaitForExitAsync(Limit);
        Assert.True(exitCode == 0, run.Log.Tail());
    }

    private static Uri Address() => new($"http://{ServerAddress.Loopback(FreePort.Take())}");

    private static IEnumerable<KeyValuePair<string, string?>> Listen(Uri http, Uri edge) =>
        [new("Listen:Url", http.GetLeftPart(UriPartial.Authority)), new("Listen:Edge:Url", edge.GetLeftPart(UriPartial.Authority))];
}
