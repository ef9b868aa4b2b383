using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Push.IntegrationTests.Liveness;

/// <summary>
/// Between a service and its real store: counts commands, and lets every n-th one time out. The store has taken half of those: a client that
/// waited in vain never knows.
/// </summary>
public sealed class UnreliableStore
{
    private static readonly TimeSpan TimeOut = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<long, int> _commandsBySecond = new();
    private int _commands;
    private int _timedOut;

    /// <summary>Every how many commands one times out; 0 for none.</summary>
    public int Every { get; set; }

    public int Commands => Volatile.Read(ref _commands);

    public int TimedOut => Volatile.Read(ref _timedOut);

    /// <summary>The most commands in any second.</summary>
    public int Peak => _commandsBySecond.Values.DefaultIfEmpty().Max();

    public void Reset()
    {
        (_commands, _timedOut) = (0, 0);
        _commandsBySecond.Clear();
    }

    /// <summary>Puts it before the store's client.</summary>
    public void Register(IServiceCollection services)
    {
        var real = services.Single(service => service.ServiceType == typeof(IConnectionMultiplexer)).ImplementationFactory!;
        services.AddSingleton(provider => Multiplexer.Wrap((IConnectionMultiplexer)real(provider), this));
    }

    private object? Send(IDatabase database, MethodInfo method, object?[]? arguments)
    {
        if (!method.ReturnType.IsAssignableTo(typeof(Task)))
        {
            return method.Invoke(database, arguments);
        }

        var count = Interlocked.Increment(ref _commands);
        _commandsBySecond.AddOrUpdate(Environment.TickCount64 / 1_000, 1, (_, soFar) => soFar + 1);
        if (Every == 0 || count % Every != 0)
        {
            return method.Invoke(database, arguments);
        }

        if (Interlocked.Increment(ref _timedOut) % 2 == 0)
        {
            _ = method.Invoke(database, arguments);
        }

        return method.ReturnType.IsGenericType
            ? typeof(UnreliableStore).GetMethod(nameof(TimeOutAsync), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(method.ReturnType.GenericTypeArguments).Invoke(null, null)
            : TimeOutAsync<bool>();
    }

    private static async Task<T> TimeOutAsync<T>()
    {
        await Task.Delay(TimeOut);
        throw new TimeoutException("no answer");
    }

    /// <summary>The client, but for its databases.</summary>
    public class Multiplexer : DispatchProxy
    {
        private IConnectionMultiplexer _inner = null!;
        private UnreliableStore _store = null!;

        public static IConnectionMultiplexer Wrap(IConnectionMultiplexer inner, UnreliableStore store)
        {
            var proxy = Create<IConnectionMultiplexer, Multiplexer>();
            ((Multiplexer)(object)proxy)._inner = inner;
            ((Multiplexer)(object)proxy)._store = store;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Invoke(_inner, args) is var result && result is IDatabase database ? Database.Wrap(database, _store) : result;
    }

    /// <summary>A database that loses answers.</summary>
    public class Database : DispatchProxy
    {
        private IDatabase _inner = null!;
        private UnreliableStore _store = null!;

        public static IDatabase Wrap(IDatabase inner, UnreliableStore store)
        {
            var proxy = Create<IDatabase, Database>();
            ((Database)(object)proxy)._inner = inner;
            ((Database)(object)proxy)._store = store;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _store.Send(_inner, targetMethod!, args);
    }
}
