using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>
/// Holds MassTransit's attempts to connect back until the broker's port answers. Its own pauses between attempts are fixed and grow to
/// half a minute; waiting here instead, its first attempt is the one that succeeds.
/// </summary>
internal sealed class BrokerGate(IOptions<BusOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    // MassTransit should see now and then that the broker is away.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    public async Task WaitAsync(ConnectionFactory factory)
    {
        using var deadline = new CancellationTokenSource(MaxWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, lifetime.ApplicationStopping);
        while (!await AnswersAsync(factory.Endpoint, either.Token) && !either.IsCancellationRequested)
        {
            await Task.Delay(options.Value.ReconnectDelay / 2, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> AnswersAsync(AmqpTcpEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(endpoint.HostName, endpoint.Port, cancellationToken);
            if (endpoint.Ssl.Enabled)
            {
                return true;
            }

            // A proxy in front takes connections before the broker does: only the broker answers the protocol header.
            await client.GetStream().WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, cancellationToken);
            return await client.GetStream().ReadAsync(new byte[1], cancellationToken) > 0;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
