using Push.TestKit.Network;

namespace Push.TestKit.Services;

/// <summary>A running Push, in one process or in several.</summary>
public sealed class Topology : IAsyncDisposable
{
    // One after the other: a dozen runtimes that start at once are all late on a machine with two processors.
    private static readonly SemaphoreSlim Starting = new(1);

    private Topology(string name, IReadOnlyList<ServiceProcess> services) => (Name, Services) = (name, services);

    public string Name { get; }

    /// <summary>Where the HTTP calls go, one address for each instance that serves them.</summary>
    public required IReadOnlyList<Uri> Apis { get; init; }

    /// <summary>Where WebSockets go: <c>ws://…/ws</c>, one address for each instance.</summary>
    public required IReadOnlyList<Uri> Edges { get; init; }

    /// <summary>The gateway's addresses; null where the topology has none.</summary>
    public Uri? Gateway { get; init; }

    public IReadOnlyList<ServiceProcess> Services { get; }

    /// <summary>Everything in one process on embedded parts.</summary>
    public static Task<Topology> StartAllInOneAsync(
        IReadOnlyDictionary<string, string?> settings,
        SelfSignedCertificate? edgeCertificate = null,
        CancellationToken cancellationToken = default) =>
        StartAsync(() => LaunchAllInOne(settings, edgeCertificate), cancellationToken);

    /// <summary>A process for each service, over RabbitMQ and Redis.</summary>
    public static Task<Topology> StartServicesAsync(ServicesPlan plan, CancellationToken cancellationToken = default) =>
        StartAsync(() => LaunchServices(plan), cancellationToken);

    /// <summary><c>ws://host:port/ws</c> of an instance that serves it.</summary>
    public static Uri WebSocketAddress(Uri http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return new UriBuilder(http) { Scheme = http.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = "/ws" }.Uri;
    }

    /// <summary>The end of every service's log, for the message of a failure.</summary>
    public string LogTails() =>
        string.Join(Environment.NewLine, Services.Select(service => $"--- {service.Name} ---{Environment.NewLine}{service.Log.Tail()}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }
    }

    private static async Task<Topology> StartAsync(Func<Topology> launch, CancellationToken cancellationToken)
    {
        await Starting.WaitAsync(cancellationToken);
        try
        {
            return await ReadyAsync(launch(), cancellationToken);
        }
        finally
        {
            Starting.Release();
        }
    }

    private static async Task<Topology> ReadyAsync(Topology topology, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(topology.Services.Select(service => service.ReadyAsync(cancellationToken)));
            return topology;
        }
        catch
        {
            await topology.DisposeAsync();
            throw;
        }
    }

    private static Topology LaunchAllInOne(IReadOnlyDictionary<string, string?> settings, SelfSignedCertificate? edgeCertificate)
    {
        var (http, edge) = (NewAddress(), NewAddress(edgeCertificate));
        var process = ServiceProcess.Launch(
            "all-in-one",
            "services/Push.AllInOne",
            http,
            Common(settings).Concat(Listen(http)).Concat(Listen(edge, "Listen:Edge", edgeCertificate)));
        return new Topology("all-in-one", [process]) { Apis = [http], Edges = [WebSocketAddress(edge)] };
    }

    private static Topology LaunchServices(ServicesPlan plan)
    {
        var common = Common(plan.Settings)
            .Concat(Settings(
                ("ConnectionStrings:RabbitMq", plan.Broker.ToString()),
                ("ConnectionStrings:Redis", plan.Store),
                ("Access:AllowAnonymous", "true")))
            .ToArray();
        var apis = Launch("api", "services/Push.Api", plan.Apis, common);
        var edges = Launch("edge", "services/Push.Edge", plan.Edges, common, plan.EdgeCertificate);
        var sweepers = Launch("sweeper", "services/Push.Sweeper", plan.Sweepers, common);
        var gateways = plan.HasGateway ? [LaunchGateway(apis, edges, plan.Settings)] : Array.Empty<ServiceProcess>();
        return new Topology("services", [.. apis, .. edges, .. sweepers, .. gateways])
        {
            Apis = [.. apis.Select(api => api.Address)],
            Edges = [.. edges.Select(edge => WebSocketAddress(edge.Address))],
            Gateway = gateways.FirstOrDefault()?.Address,
        };
    }

    private static ServiceProcess[] Launch(
        string name,
        string project,
        int count,
        IReadOnlyCollection<KeyValuePair<string, string?>> settings,
        SelfSignedCertificate? certificate = null) =>
        [.. Enumerable.Range(1, count).Select(number =>
        {
            var address = NewAddress(certificate);
            return ServiceProcess.Launch($"{name}-{number}", project, address, settings.Concat(Listen(address, certificate: certificate)));
        })];

    private static ServiceProcess LaunchGateway(ServiceProcess[] apis, ServiceProcess[] edges, IReadOnlyDictionary<string, string?> settings)
    {
        var address = NewAddress();
        return ServiceProcess.Launch(
            "gateway",
            "gateway/Push.Gateway",
            address,
            settings.Concat(Destinations("api", apis)).Concat(Destinations("edge", edges)).Concat(Listen(address)));
    }

    // The first destination has the name of the one that the gateway's own configuration has, and so takes its place.
    private static IEnumerable<KeyValuePair<string, string?>> Destinations(string cluster, IEnumerable<ServiceProcess> services) =>
        services.Select((service, index) => new KeyValuePair<string, string?>(
            $"ReverseProxy:Clusters:{cluster}:Destinations:{(index == 0 ? cluster : service.Name)}:Address",
            Text(service.Address)));

    private static IEnumerable<KeyValuePair<string, string?>> Common(IReadOnlyDictionary<string, string?> settings) =>
        settings.Concat(Settings(("Tokens:SigningKeys:0:Id", TestCredentials.SigningKeyId), ("Tokens:SigningKeys:0:Secret", TestCredentials.SigningSecret)));

    private static IEnumerable<KeyValuePair<string, string?>> Settings(params (string Key, string Value)[] settings) =>
        settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value));

    private static IEnumerable<KeyValuePair<string, string?>> Listen(Uri address, string section = "Listen", SelfSignedCertificate? certificate = null)
    {
        yield return new($"{section}:Url", Text(address));
        if (certificate is not null)
        {
            yield return new($"{section}:CertificatePath", certificate.PemPath);
            yield return new($"{section}:CertificateKeyPath", certificate.KeyPath);
        }
    }

    private static Uri NewAddress(SelfSignedCertificate? certificate = null) =>
        new($"{(certificate is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{ServerAddress.Loopback(FreePort.Take())}");

    // Without the slash that a Uri adds.
    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
