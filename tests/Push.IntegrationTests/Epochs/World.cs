using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Push.Contracts;
using Push.IntegrationTests.Ingest;
using Push.IntegrationTests.Messaging;
using Push.Messaging;
using Push.TestKit;
using Push.TestKit.Network;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Push.IntegrationTests.Epochs;

/// <summary>
/// Two Edges with a client each and an Api that publishes numbers, each with a way to the broker that can be cut and slowed down. Publications have no id, so that
/// nothing but the reader itself keeps one from being delivered twice.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Uri _broker;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _confirmed = new();
    private readonly ConcurrentQueue<string> _log = new();
    private Task _publishing = Task.CompletedTask;
    private int _number;
    private int _edges;

    private World(Uri broker) => _broker = broker;

    public Service Api { get; private set; } = null!;

    public List<Service> Edges { get; } = [];

    public IEnumerable<Service> Services => [Api, .. Edges];

    public IReadOnlyCollection<string> Confirmed => _confirmed;

    public string Log => string.Join(Environment.NewLine, _log);

    public static async Task<World> StartAsync(Uri broker)
    {
        var world = new World(broker);
        foreach (var _ in (int[])[1, 2])
        {
            world.Edges.Add(await world.StartEdgeAsync());
        }

        var proxy = world.StartProxy();
        world.Api = new Service("api", proxy, await BusHost.StartPublisherAsync(world.Through(proxy), builder => builder.Logging.AddProvider(new Notes(world, "api"))));
        await world.Api.Host.UntilReadyAsync();
        return world;
    }

    public void Note(string what) => _log.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {_confirmed.Count,6} {what}");

    /// <summary>Publishes a number every few milliseconds from here on.</summary>
    public void BeginPublishing(int pauseMilliseconds) => _publishing = PublishAsync(pauseMilliseconds, _stop.Token);

    public async Task RestartEdgeAsync(int index)
    {
        Edges[index].AssertNothingTwice(Log);
        await Edges[index].DisposeAsync();
        Edges[index] = await StartEdgeAsync();
    }

    public async Task OnBrokerAsync(Func<IChannel, Task> act)
    {
        await using var connection = await BrokerConnection.OpenAsync(_broker, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await act(channel);
    }

    /// <summary>Deletes a stream, once the broker has brought it up after its own start.</summary>
    public Task DeleteAsync(string stream) => Deadline.UntilAsync(
        async _ =>
        {
            try
            {
                await OnBrokerAsync(channel => channel.QueueDeleteAsync(stream, false, false));
                return true;
            }
            catch (OperationInterruptedException)
            {
                return false;
            }
        },
        Limit,
        $"deletion of {stream}");

    /// <summary>Waits until every client has received what was confirmed last: what an Edge is behind by, a broker with older data may take from it.</summary>
    public Task UntilReceivedAsync()
    {
        var last = _confirmed.Last();
        return Deadline.UntilAsync(_ => Task.FromResult(Edges.TrueForAll(edge => edge.Received.Contains(last))), Limit, $"every client has received '{last}'");
    }

    public Task CutAllAsync() => Task.WhenAll(Services.Select(service => service.Proxy.CutAsync()));

    public void DelayDeliveries(TimeSpan delay)
    {
        foreach (var service in Services)
        {
            service.Proxy.DeliveryDelay = delay;
        }
    }

    /// <summary>Ends all trouble and all publishing, and waits until every client has received a last publication.</summary>
    public async Task SettleAsync()
    {
        Note("settling");
        DelayDeliveries(TimeSpan.Zero);
        await _stop.CancelAsync();
        await _publishing;
        foreach (var service in Services)
        {
            Note($"{service.Name} must get ready");
            await service.Host.UntilReadyAsync();
        }

        for (var last = 0; Edges.Exists(edge => !edge.Received.Contains($"last {last - 1}")); last++)
        {
            // The broker's data may change once more behind a confirm: who is attached to what is lost looks again at the next one.
            var text = $"last {last}";
            await Api.Host.Publisher.PublishPersistentlyAsync(ToRoom(text));
            _confirmed.Enqueue(text);
            try
            {
                await Deadline.UntilAsync(_ => Task.FromResult(Edges.TrueForAll(edge => edge.Received.Contains(text))), last < 3 ? TimeSpan.FromSeconds(20) : Limit, $"every client has received '{text}'");
            }
            catch (TimeoutException) when (last < 3)
            {
                Note($"'{text}' did not come in time");
            }
        }
    }

    /// <summary>Nobody received anything twice.</summary>
    public void AssertNothingTwice() => Edges.ForEach(edge => edge.AssertNothingTwice(Log));

    /// <summary>Nobody received what was published before their Edge was there.</summary>
    public void AssertNothingOld() => Assert.All(Edges, edge =>
    {
        var old = edge.Received.Find(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number < edge.FirstNumber);
        Assert.True(old is null, $"'{old}' came to an Edge that began with {edge.FirstNumber}{Environment.NewLine}{Log}");
    });

    /// <summary>Every Edge that was there from the beginning delivered all that was confirmed.</summary>
    public void AssertNothingLost() => Assert.All(Edges, edge =>
    {
        var lost = Lost(edge);
        Assert.True(lost.Count == 0, $"{lost.Count} of {_confirmed.Count} confirmed publications never came, the first is {lost.FirstOrDefault()}{Environment.NewLine}{Log}");
    });

    public List<string> Lost(Service edge) => [.. _confirmed.Except(edge.Received)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _publishing;
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }
    }

    private async Task<Service> StartEdgeAsync()
    {
        var first = Volatile.Read(ref _number);
        var proxy = StartProxy();
        var name = $"edge {Interlocked.Increment(ref _edges)}";
        var host = await EdgeHost.StartAsync(Through(proxy), builder => builder.Logging.AddProvider(new Notes(this, name)));
        return new Service(name, proxy, host) { Member = await host.JoinAsync("1"), FirstNumber = first };
    }

    private TcpProxy StartProxy() => TcpProxy.StartAmqp(new ServerAddress(_broker.Host, _broker.Port));

    private Uri Through(TcpProxy proxy) => new UriBuilder(_broker) { Host = proxy.Address.Host, Port = proxy.Address.Port }.Uri;

    private async Task PublishAsync(int pauseMilliseconds, CancellationToken stop)
    {
        for (; !stop.IsCancellationRequested; Interlocked.Increment(ref _number))
        {
            var text = $"{_number}";
            try
            {
                await Api.Host.Publisher.PublishAsync(ToRoom(text));
                _confirmed.Enqueue(text);
            }
            catch (BrokerUnavailableException)
            {
                // Perhaps stored, perhaps not: it may come once.
            }

            await Task.Delay(pauseMilliseconds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static PushRequested ToRoom(string text) => new() { Id = null!, RoomId = "1", Message = JsonSerializer.SerializeToElement(text) };

    /// <summary>Takes what a service logs into the notes, which are shown where a test fails.</summary>
    private sealed class Notes(World world, string service) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Push.", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            world.Note($"{service}: {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }

    /// <summary>A process, and its way to the broker.</summary>
    internal sealed class Service(string name, TcpProxy proxy, BusHost host) : IAsyncDisposable
    {
        private readonly List<string> _received = [];

        public string Name { get; } = name;

        public TcpProxy Proxy { get; } = proxy;

        public BusHost Host { get; } = host;

        public ReceivedTexts? Member { get; init; }

        /// <summary>What was about to be published when it was started.</summary>
        public int FirstNumber { get; init; }

        public IPublicationSource Reader => Host.Services.GetRequiredService<IPublicationSource>();

        /// <summary>What its client has received so far, in order.</summary>
        public List<string> Received
        {
            get
            {
                _received.AddRange(Member?.TakeReceived() ?? []);
                return _received;
            }
        }

        public void AssertNothingTwice(string log)
        {
            var twice = Received.GroupBy(text => text).FirstOrDefault(group => group.Count() > 1);
            Assert.True(twice is null, $"'{twice?.Key}' came {twice?.Count()} times{Environment.NewLine}{log}");
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }
}
