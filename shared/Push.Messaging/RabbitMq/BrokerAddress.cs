using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>Where the broker is: <c>ConnectionStrings:RabbitMq</c>, <c>amqp[s]://[user:password@]host[:port][/vhost]</c>. TLS goes by the scheme, whatever the port is.</summary>
/// <param name="Uri">The URI with user name and password: never log it.</param>
public sealed record BrokerAddress(Uri Uri)
{
    public const string ConnectionStringName = "RabbitMq";

    /// <summary>What a broker on this machine answers to out of the box.</summary>
    private const string Default = "amqp://guest:guest@localhost:5672/";

    private const string DefaultUser = "guest";
    private const int DefaultPort = 5672;
    private const int DefaultTlsPort = 5671;

    /// <summary>Given, or the protocol's.</summary>
    public int Port => Uri.Port > 0 ? Uri.Port : IsTls ? DefaultTlsPort : DefaultPort;

    public string Host => Uri.DnsSafeHost;

    public bool IsTls => Uri.Scheme == "amqps";

    /// <summary>The address without credentials.</summary>
    public override string ToString() => $"{Uri.Scheme}://{Uri.Authority}{Uri.AbsolutePath}";

    /// <summary>Lets <paramref name="factory"/> connect here: the one reading of the address for both clients of the broker.</summary>
    public async Task ApplyAsync(ConnectionFactory factory, CancellationToken cancellationToken)
    {
        var user = Uri.UserInfo.Split(':', 2);
        factory.HostName = Host;
        factory.Port = Port;
        factory.UserName = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : DefaultUser;
        factory.Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : DefaultUser;
        factory.VirtualHost = Uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(Uri.AbsolutePath[1..]) : ConnectionFactory.DefaultVHost;
        factory.SocketFactory = family => new BrokerSocket(family, IsTls ? new SslClientAuthenticationOptions { TargetHost = Host } : null);

        // The client tries one address of each family, by itself; a name may have several, and the first one may be that of a node that is down.
        var addresses = await Dns.GetHostAddressesAsync(Host, cancellationToken);
        var limit = factory.MaxInboundMessageBodySize;
        var noTlsOfTheClient = new SslOption(Host, enabled: false);
        AmqpTcpEndpoint[] endpoints = [.. addresses.Select(each => new AmqpTcpEndpoint(each.ToString(), Port, noTlsOfTheClient, limit))];
        factory.EndpointResolverFactory = _ => new InOrder(endpoints);
    }

    /// <exception cref="OptionsValidationException">The setting is no AMQP URI.</exception>
    internal static BrokerAddress From(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionStringName);
        return Uri.TryCreate(string.IsNullOrWhiteSpace(text) ? Default : text.Trim(), UriKind.Absolute, out var uri)
            && uri.Scheme is "amqp" or "amqps"
            && Uri.CheckHostName(uri.DnsSafeHost) != UriHostNameType.Unknown
            && uri.Port is -1 or > 0
            && uri.Query.Length == 0 && uri.Fragment.Length == 0
            && uri.AbsolutePath.IndexOf('/', Math.Min(1, uri.AbsolutePath.Length)) < 0
                ? new BrokerAddress(uri)
                : throw new OptionsValidationException(
                    ConnectionStringName, typeof(BrokerAddress), [$"ConnectionStrings:{ConnectionStringName} must be a URI of one host, amqp[s]://user:password@host:port/vhost."]);
    }

    private sealed class InOrder(IReadOnlyList<AmqpTcpEndpoint> endpoints) : IEndpointResolver
    {
        public IEnumerable<AmqpTcpEndpoint> All() => endpoints;
    }
}
