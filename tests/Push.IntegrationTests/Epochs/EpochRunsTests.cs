using System.Globalization;
using Push.Contracts;
using Push.TestKit;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Epochs;

/// <summary>
/// Runs of random trouble over a real broker: connections cut, deliveries late, streams deleted, Edges started anew; and with a broker of its own, restarts, crashes, data
/// wiped and older copies put back. In none of them does a client receive a publication twice or one from before its Edge was there, nor lose a confirmed one but where data was put back or Edges were late.
/// <c>PUSH_EPOCH_RUNS</c> says how many runs there are of each kind, <c>PUSH_EPOCH_SEED</c> where their seeds begin, <c>PUSH_EPOCH_PARALLEL</c> how many are under way at once.
/// </summary>
public sealed class EpochRunsTests(SharedBroker shared)
{
    private static readonly int Runs = Setting("PUSH_EPOCH_RUNS", 1);
    private static readonly int FirstSeed = Setting("PUSH_EPOCH_SEED", 1);
    private static readonly int AtOnce = Setting("PUSH_EPOCH_PARALLEL", 2);

    /// <summary>RabbitMQ 3.10 never again brings up the first stream of its life where it is killed within a second of its making.</summary>
    private static readonly TimeSpan UntilKillable = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public Task With_connections_and_streams_in_trouble_nothing_comes_twice() => ForEachSeedAsync("streams", async random =>
    {
        await using var vhost = await shared.CreateVirtualHostAsync(Cancelled);
        await using var world = await World.StartAsync(vhost.Address);
        return await RunAsync(world, random, null);
    });

    [Fact]
    public Task With_a_broker_and_its_data_in_trouble_nothing_comes_twice() => ForEachSeedAsync("broker", async random =>
    {
        await using var broker = await BrokerDataTests.OwnBrokerAsync();
        await using var world = await World.StartAsync(broker.Address);

        await Task.Delay(UntilKillable, Cancelled);
        return await RunAsync(world, random, broker);
    });

    private static int Setting(string name, int value) => int.Parse(Environment.GetEnvironmentVariable(name) ?? $"{value}", CultureInfo.InvariantCulture);

    private static async Task ForEachSeedAsync(string kind, Func<Random, Task<string>> run)
    {
        var failures = new List<string>();
        var done = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(FirstSeed, Runs),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancelled },
            async (seed, _) =>
            {
                string outcome;
                try
                {
                    outcome = await run(new Random(seed));
                }
                catch (Exception e) when (!Cancelled.IsCancellationRequested && !e.GetType().Name.StartsWith("Skip", StringComparison.Ordinal))
                {
                    outcome = $"FAILED: {e.Message}";
                    lock (failures)
                    {
                        failures.Add($"seed {seed}: {e.Message}");
                    }
                }

                TestContext.Current.TestOutputHelper?.WriteLine($"{kind} {seed} ({Interlocked.Increment(ref done)} of {Runs}): {outcome}");
            });
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private static async Task<string> RunAsync(World world, Random random, BrokerServer? broker)
    {
        world.BeginPublishing(random.Next(1, 6));
        await EpochTests.WaitForConfirmedAsync(world, 20);
        var (mayLose, mayBeRepublished) = (false, false);
        var troubles = new List<string>();
        var copy = (PrivateFolder?)null;
        try
        {
            for (var count = random.Next(2, 5); count > 0; count--)
            {
                var trouble = broker is not null && random.Next(2) == 0 ? random.Next(7, 12) : random.Next(7);
                world.Note($"trouble {trouble}");
                troubles.Add(await MakeAsync(trouble));
                world.Note(troubles[^1]);
                await Task.Delay(random.Next(50, 1_500), Cancelled);
            }
        }
        finally
        {
            copy?.Dispose();
        }

        try
        {
            await world.SettleAsync();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}{Environment.NewLine}{world.Log}", e);
        }

        world.AssertNothingTwice();
        if (!mayBeRepublished)
        {
            world.AssertNothingOld();
        }

        var lost = world.Edges.Sum(edge => world.Lost(edge).Count);
        Assert.True(mayLose || lost == 0, $"{lost} confirmed ones never came: {string.Join(", ", world.Edges.SelectMany(world.Lost).Take(5))}{Environment.NewLine}{world.Log}");
        return $"{string.Join(", ", troubles)}: {world.Confirmed.Count} confirmed, {lost} not received";

        async Task<string> MakeAsync(int trouble)
        {
            switch (trouble)
            {
                case 0:
                    await world.Edges[random.Next(2)].Proxy.CutAsync();
                    return "an Edge cut off";
                case 1:
                    await world.Api.Proxy.CutAsync();
                    return "the Api cut off";
                case 2:
                    await world.CutAllAsync();
                    return "all cut off";
                case 3:
                    // Late Edges have not read what a deletion takes.
                    mayLose = true;
                    var delay = TimeSpan.FromSeconds(random.NextDouble() * 6);
                    world.DelayDeliveries(delay);
                    return $"deliveries {delay.TotalSeconds:F1} s late";
                case 4:
                    mayBeRepublished = true;
                    await world.DeleteAsync(BusNames.PushStream);
                    return "stream deleted";
                case 5:
                    await world.DeleteAsync(BusNames.EpochStream);
                    return "epochs deleted";
                case 6:
                    mayLose = true;
                    await world.RestartEdgeAsync(random.Next(2));
                    return "an Edge started anew";
                case 7:
                    await broker!.StopAsync(Cancelled);
                    await broker.StartAgainAsync(Cancelled);
                    return "broker restarted";
                case 8:
                    await broker!.KillAsync(Cancelled);
                    await broker.StartAgainAsync(Cancelled);
                    return "broker killed";
                case 9:
                    (mayLose, mayBeRepublished) = (true, true);
                    await broker!.StopAsync(Cancelled);
                    broker.ReplaceData(null);
                    await broker.StartAgainAsync(Cancelled);
                    await Task.Delay(UntilKillable, Cancelled);
                    return "data wiped";
                default:
                    await broker!.StopAsync(Cancelled);
                    if (copy is null)
                    {
                        copy = broker.CopyData();
                        await broker.StartAgainAsync(Cancelled);
                        return "data copied";
                    }

                    (mayLose, mayBeRepublished) = (true, true);
                    broker.ReplaceData(copy);
                    await broker.StartAgainAsync(Cancelled);
                    return "copy put back";
            }
        }
    }
}
