using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Operations;

/// <summary>No secret of an operator's is printed, at whatever level and whatever a library throws, nor told to those who ask for health or metrics.</summary>
public sealed class SecretsTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    // Found however it is written: as it is, and percent-encoded.
    private const string Secret = "s3cr3t-0f-th3-0perat0r";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly string[] Projects = ["services/Push.Api", "services/Push.Edge", "services/Push.Sweeper", "services/Push.AllInOne", "gateway/Push.Gateway"];

    private static readonly (string Key, string Value)[] Mistakes =
    [
        ("ConnectionStrings:RabbitMq", $"amqp://push:{Secret}@a:5672,b:5673/"),
        ("ConnectionStrings:RabbitMq", $"rabbitmq://push:{Secret}@localhost"),
        ("ConnectionStrings:RabbitMq", $"amqp://push:{Secret}@localhost:99999/"),
        ("ConnectionStrings:RabbitMq", $"amqp://push:{Secret}@local host/"),
        ("ConnectionStrings:RabbitMq", $"host=localhost;password={Secret}"),
        ("ConnectionStrings:Redis", $"localhost:6379,passwrd={Secret}"),
        ("ConnectionStrings:Redis", $"localhost:6379,password={Secret},connectTimeout=soon"),
        ("ConnectionStrings:Redis", $"redis://:{Secret}@localhost:99999/0"),
        ("ConnectionStrings:Redis", $"redis://:{Secret}@localhost:6379/zero"),
        ("ConnectionStrings:Redis", $"http://:{Secret}@localhost:6379"),
        ("Access:ApiKeys:0", Secret[..12]),
        ("Tokens:SigningKeys:0:Secret", Secret),
        ("Access:AllowAnonymous", Secret),
        ("Tokens:Lifetime", Secret),
        ("Liveness:HeartbeatTimeout", Secret),
        ("Listen:Url", $"http://push:{Secret}@localhost:1"),
        ("Metrics:Url", $"http://push:{Secret}@localhost:1"),
    ];

    public static TheoryData<string> Services => [.. Projects];

    /// <summary>All mistakes in the Edge, and one for each setting in every other service that reads it; each in a process of its own, as many at once as there are processors.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_mistaken_setting_is_told_without_its_secret(string project)
    {
        var mistakes = (project == "services/Push.Edge" ? Mistakes : Mistakes.DistinctBy(mistake => mistake.Key)).Where(mistake => IsReadBy(project, mistake.Key));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Cancelled };
        await Parallel.ForEachAsync(mistakes, options, async (mistake, _) => await AssertToldAsync(project, mistake.Key, mistake.Value));
    }

    /// <summary>All at once: each waits for seconds, and does nothing meanwhile.</summary>
    [Fact]
    public Task Broker_and_store_that_cannot_be_reached_are_told_without_their_passwords() => Task.WhenAll(Projects.Select(AssertUnreachableIsToldAsync));

    [Fact]
    public async Task The_embedded_store_serves_nobody_without_its_password_which_is_nowhere_to_be_read()
    {
        var (http, edge) = (Address(), Address());
        var settings = Common(http);
        settings["Listen:Edge:Url"] = edge.GetLeftPart(UriPartial.Authority);
        await using var service = ServiceProcess.Launch("all-in-one", "services/Push.AllInOne", http, settings);
        await service.ReadyAsync(Cancelled);
        int[] own = [http.Port, edge.Port, service.Metrics.Port];
        var store = Assert.Single(ListeningPorts(service.Id).Except(own));

        foreach (var command in (string[])["PING", "GET a", "SET a b", "FLUSHALL", "CONFIG GET *", "KEYS *", "INFO", "AUTH guess", "SHUTDOWN", "SAVE"])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, store, Cancelled);
            await client.GetStream().WriteAsync(Resp(command), Cancelled);
            var buffer = new byte[256];
            var length = await client.GetStream().ReadAsync(buffer, Cancelled).AsTask().WithinAsync(Limit, $"the store's answer to {command}");
            Assert.Matches("^(-NOAUTH|-WRONGPASS|-ERR).*", Encoding.ASCII.GetString(buffer, 0, length));
        }

        await service.ReadyAsync(Cancelled);
        var arguments = await File.ReadAllTextAsync($"/proc/{service.Id}/cmdline", Cancelled);
        Assert.DoesNotContain("password", arguments, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(service.Log.Lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "(?i)(password|auth)\\W{0,3}[0-9a-f]{32}"));
    }

    private static async Task AssertToldAsync(string project, string key, string value)
    {
        var settings = Common(Address());
        settings[key] = value;
        var start = $"{project} with {key}={value}";
        await using var service = ServiceProcess.Launch(start, project, Address(), settings);

        var exitCode = await service.WaitForExitAsync(Limit);
        Assert.True(exitCode == 1, $"{start} ended with {exitCode}: {service.Log.Tail()}");
        Assert.True(service.Log.Lines.Any(line => line.StartsWith("Cannot start: ", StringComparison.Ordinal)), $"{start} does not say why: {service.Log.Tail()}");
        Assert.False(service.Log.Lines.Any(line => line.StartsWith("   at ", StringComparison.Ordinal)), $"{start} prints a stack trace: {service.Log.Tail()}");
        AssertSecret(service.Log.Lines, start);
    }

    private static async Task AssertUnreachableIsToldAsync(string project)
    {
        // Takes connections and says nothing that either client understands.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var refuses = FreePort.Take();
        var address = Address();
        var settings = Common(address);
        settings["ConnectionStrings:RabbitMq"] = $"amqp://push:{Secret}@127.0.0.1:{refuses}/";
        settings["ConnectionStrings:Redis"] = $"redis://push:{Secret}@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/0";
        await using var service = ServiceProcess.Launch($"unreachable from {project}", project, address, settings);
        var greeting = Task.CompletedTask;
        if (project != "gateway/Push.Gateway")
        {
            greeting = GreetAsync(silent);
        }

        await service.AnswersAsync("/health", Cancelled);
        await greeting.WithinAsync(Limit, $"a connection of {project} to the store");
        using var calls = new PushCalls(address);
        using var metrics = new PushCalls(service.Metrics);
        Assert.NotEqual(0, (await calls.GetAsync("/heartbeat?token=x", Cancelled)).Status);
        if (project is not "gateway/Push.Gateway")
        {
            await Deadline.UntilAsync(_ => Task.FromResult(service.Log.Lines.Any(line => line.Contains($"{refuses}", StringComparison.Ordinal))), Limit, $"the broker in the log of {project}", Cancelled);
            Assert.NotEqual(200, (await calls.PublishAsync(new { roomId = "1", message = "x" }, Cancelled)).Status);
        }

        string[] told = [(await calls.GetAsync("/health/ready", Cancelled)).Body, (await metrics.GetAsync("/metrics", Cancelled)).Body];
        await service.StopAsync(Limit);
        Assert.True(service.Log.Lines.Any(line => line.Contains("dbug", StringComparison.Ordinal)), $"{project} has logged nothing at Debug level");
        AssertSecret(told, project);
        AssertSecret(service.Log.Lines, project);
    }

    private static bool IsReadBy(string project, string key) => project switch
    {
        "gateway/Push.Gateway" => key is "Listen:Url" or "Metrics:Url",
        "services/Push.Sweeper" => !key.StartsWith("Access:", StringComparison.Ordinal) && !key.StartsWith("Tokens:", StringComparison.Ordinal),
        _ => key != "Tokens:SigningKeys:0:Secret" || Secret.Length < 32,
    };

    private static Dictionary<string, string?> Common(Uri address) => new()
    {
        ["Listen:Url"] = address.GetLeftPart(UriPartial.Authority),
        ["Listen:Edge:Url"] = Address().GetLeftPart(UriPartial.Authority),
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:LogLevel:Microsoft"] = "Debug",
        ["Logging:LogLevel:MassTransit"] = "Trace",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Trace",
        ["OTEL_METRICS_EXPORTER"] = "prometheus",
        ["OTEL_TRACES_EXPORTER"] = "otlp",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = $"authorization=Bearer {Secret}",
    };

    /// <summary>Answers the first connections as no store would, until one has asked for a password.</summary>
    private static async Task GreetAsync(TcpListener listener)
    {
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(Cancelled);
            var stream = client.GetStream();
            var buffer = new byte[4096];
            var length = await stream.ReadAsync(buffer, Cancelled);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("-WRONGPASS invalid username-password pair or user is disabled.\r\n-ERR no\r\n"), Cancelled);
            if (Encoding.ASCII.GetString(buffer, 0, length).Contains(Secret, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private static byte[] Resp(string command)
    {
        var words = command.Split(' ');
        return Encoding.ASCII.GetBytes($"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}");
    }

    /// <summary>The ports on which a process listens, by what Linux tells of its sockets.</summary>
    private static IEnumerable<int> ListeningPorts(int process)
    {
        var sockets = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(file => new FileInfo(file).LinkTarget ?? "").ToHashSet();
        return from table in (string[])["tcp", "tcp6"]
               from line in File.ReadLines($"/proc/{process}/net/{table}").Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields[3] == "0A" && sockets.Contains($"socket:[{fields[9]}]")
               select int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static void AssertSecret(IEnumerable<string> lines, string source) =>
        Assert.All(lines, line => Assert.False(line.Contains(Secret[..12], StringComparison.OrdinalIgnoreCase), $"{source} tells the secret: {line}"));

    private static Uri Address() => new($"http://{ServerAddress.Loopback(FreePort.Take())}");
}
