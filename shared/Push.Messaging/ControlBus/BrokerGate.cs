using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace Push.Messaging.ControlBus;

/// <summary>
/// Holds MassTransit's attempts to connect back until the broker answers, however long that takes. Its own pauses between attempts are
/// fixed, grow to half a minute with each that fails and never shrink again; waiting here instead, its first attempt is the one that succeeds.
/// </summary>
internal sealed class BrokerGate(BrokerAddress address, IOptions<BusOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    // A host that is gone, or a broker that is stuck, takes a connection or none, and says nothing.
    internal static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public async Task WaitAsync(ConnectionFactory factory)
    {
        var stopping = lifetime.ApplicationStopping;
        while (!await AnswersAsync(factory, stopping) && !stopping.IsCancellationRequested)
        {
            await Task.Delay(options.Value.ReconnectDelay / 2, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> AnswersAsync(ConnectionFactory factory, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        using var client = new TcpClient();
        try
        {
            await address.ApplyAsync(factory, either.Token);
            await client.ConnectAsync(address.Host, address.Port, either.Token);
            if (address.IsTls)
            {
                return true;
            }

            // A proxy in front takes connections before the broker does: only the broker answers the protocol header.
            await client.GetStream().WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, either.Token);
            return await client.GetStream().ReadAsync(new byte[1], either.Token) > 0;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
