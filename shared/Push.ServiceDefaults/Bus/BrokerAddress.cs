using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Bus;

/// <summary>Where the broker is: <c>ConnectionStrings:RabbitMq</c>, an <c>amqp://</c> or <c>amqps://</c> URI.</summary>
/// <param name="Uri">The URI with user name and password: never log it.</param>
public sealed record BrokerAddress(Uri Uri)
{
    public const string ConnectionStringName = "RabbitMq";

    /// <summary>What a broker on this machine answers to out of the box.</summary>
    private const string Default = "amqp://guest:guest@localhost:5672/";

    private const int DefaultPort = 5672;
    private const int DefaultTlsPort = 5671;

    /// <summary>Given, or the protocol's.</summary>
    public int Port => !Uri.IsDefaultPort ? Uri.Port : Uri.Scheme == "amqps" ? DefaultTlsPort : DefaultPort;

    /// <summary>The address without credentials.</summary>
    public override string ToString() => $"{Uri.Scheme}://{Uri.Authority}{Uri.AbsolutePath}";

    /// <exception cref="OptionsValidationException">The setting is no AMQP URI.</exception>
    internal static BrokerAddress From(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionStringName);
        return Uri.TryCreate(string.IsNullOrEmpty(text) ? Default : text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? new BrokerAddress(uri)
            : throw new OptionsValidationException(
                ConnectionStringName, typeof(BrokerAddress), [$"ConnectionStrings:{ConnectionStringName} must be an amqp:// or amqps:// URI."]);
    }
}
