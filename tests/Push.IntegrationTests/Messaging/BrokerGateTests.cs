using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Messaging;
using Push.Messaging.ControlBus;
using Push.Messaging.RabbitMq;
using Push.TestKit;
using RabbitMQ.Client;
using Xunit;

namespace Push.IntegrationTests.Messaging;

public sealed class BrokerGateTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly BusOptions _options = new();

    /// <summary>Bound, so that nobody else takes the port; until it listens, connections to it are refused.</summary>
    private readonly Socket _broker = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public BrokerGateTests() => _broker.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public void Dispose()
    {
        _broker.Dispose();
        _lifetime.StopApplication();
    }

    [Fact]
    public async Task It_opens_when_the_broker_answers_however_long_that_takes()
    {
        var waiting = WaitAsync();
        for (var away = TimeSpan.Zero; away < TimeSpan.FromHours(1); away += _options.ReconnectDelay)
        {
            _time.Advance(_options.ReconnectDelay);
        }

        _broker.Listen();
        using var connection = await AcceptWhileTimePassesAsync("an attempt after an hour");
        Assert.False(waiting.IsCompleted);
        await connection.SendAsync("A"u8.ToArray(), TestContext.Current.CancellationToken);
        await waiting.WithinAsync(Limit, "the gate opens");
    }

    [Fact]
    public async Task What_takes_a_connection_and_says_nothing_does_not_hold_it()
    {
        _broker.Listen();
        var waiting = WaitAsync();

        using var silent = await AcceptWhileTimePassesAsync("the first attempt");
        using var next = await AcceptWhileTimePassesAsync("the attempt after the one that was not answered");

        Assert.False(waiting.IsCompleted);
        await next.SendAsync("A"u8.ToArray(), TestContext.Current.CancellationToken);
        await waiting.WithinAsync(Limit, "the gate opens");
    }

    [Fact]
    public async Task A_service_that_stops_does_not_wait()
    {
        var waiting = WaitAsync();

        _lifetime.StopApplication();

        await waiting.WithinAsync(Limit, "the wait ends");
    }

    private Task WaitAsync()
    {
        var address = new BrokerAddress(new Uri($"amqp://127.0.0.1:{((IPEndPoint)_broker.LocalEndPoint!).Port}/"));
        return new BrokerGate(address, Options.Create(_options), _time, _lifetime).WaitAsync(new ConnectionFactory());
    }

    private async Task<Socket> AcceptWhileTimePassesAsync(string phase)
    {
        var accepted = _broker.AcceptAsync(TestContext.Current.CancellationToken).AsTask();
        Task<bool> IsAcceptedAsync(CancellationToken cancellationToken)
        {
            if (!accepted.IsCompleted)
            {
                _time.Advance(_options.ReconnectDelay / 4);
            }

            return Task.FromResult(accepted.IsCompleted);
        }

        await Deadline.UntilAsync(IsAcceptedAsync, Limit, phase, TestContext.Current.CancellationToken);
        return await accepted;
    }
}
