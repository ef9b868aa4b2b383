using RabbitMQ.Client;

namespace Push.IntegrationTests.Messaging;

/// <summary>A bare connection, as somebody beside Push has it.</summary>
internal static class BrokerConnection
{
    public static Task<IConnection> OpenAsync(Uri address, CancellationToken cancellationToken) =>
        new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false, ContinuationTimeout = TimeSpan.FromMinutes(1) }.CreateConnectionAsync(cancellationToken);
}
