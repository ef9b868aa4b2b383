using System.Globalization;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging.Epochs;

/// <summary>
/// Two Edges and an Api that lose the broker and come back in every order, while streams are deleted, cut, wiped, copied and put back: the
/// real decisions (<see cref="StreamCursor"/>, <see cref="EpochChain"/>) over a model of the broker.
/// </summary>
public sealed class EpochModelTests
{
    private static readonly int Runs = int.Parse(Environment.GetEnvironmentVariable("PUSH_MODEL_RUNS") ?? "10000", CultureInfo.InvariantCulture);

    [Flags]
    private enum Faults
    {
        None = 0,
        Cuts = 1,
        Deletions = 2,
        Losses = 4,
        Restarts = 8,
        Outages = 16,
    }

    [Fact]
    public void A_live_client_receives_nothing_twice_nothing_old_and_everything_that_the_stream_holds() =>
        Parallel.For(0, Runs, seed => Run(seed, Faults.Cuts | Faults.Deletions | Faults.Losses | Faults.Restarts, seed % 4 * 0.15));

    [Fact]
    public void What_was_confirmed_reaches_every_client_although_the_stream_is_deleted_again_and_again() =>
        Parallel.For(0, Runs / 4, seed => AssertNothingLost(seed, Faults.Deletions));

    [Fact]
    public void What_was_confirmed_reaches_every_client_although_the_broker_comes_back_with_older_data() =>
        Parallel.For(0, Runs / 4, seed => AssertNothingLost(seed, Faults.Outages));

    [Fact]
    public void A_slow_broker_alone_begins_no_epoch() =>
        Parallel.For(0, Runs / 4, seed =>
        {
            var epochs = new List<string>();
            Run(seed, Faults.Cuts, slowness: 0.4, chain => epochs.Add(chain.Current!.Epoch));
            Assert.True(epochs[0] == epochs[1], $"seed {seed}: an epoch was superseded");
        });

    private static void AssertNothingLost(int seed, Faults faults)
    {
        var (api, edges) = Run(seed, faults, slowness: 0);
        foreach (var edge in edges)
        {
            var missing = api.Confirmed.Except(edge.Received.Select(record => record.Id)).ToList();
            Assert.True(missing.Count == 0, $"seed {seed}: {missing.Count} of {api.Confirmed.Count} confirmed ones are lost, the first is {missing.FirstOrDefault()}");
        }
    }

    private static (ModelApi Api, List<ModelEdge> Edges) Run(int seed, Faults faults, double slowness, Action<EpochChain>? inspect = null)
    {
        var random = new Random(seed);
        var broker = new ModelBroker(random);
        var published = new List<long>();
        var replacedAt = 0L;
        int NextId()
        {
            published.Add(broker.GetTimestamp());
            return published.Count - 1;
        }

        var api = new ModelApi(broker) { NextId = NextId, Slowness = slowness };
        List<ModelEdge> edges = [new(broker) { Slowness = slowness }, new(broker) { Slowness = slowness }];
        var copy = (Pushes: (ModelStream<ModelRecord>?)null, Epochs: (ModelStream<EpochRecord>?)null);
        if (faults is Faults.Deletions or Faults.Cuts or Faults.Outages)
        {
            // Confirmed is what was published once clients were there; and what is cut off half made must be made anew.
            api.IsPublishing = false;
            Until(() => edges.TrueForAll(edge => edge.ReadyAt is not null), "the Edges get ready");
            api.IsPublishing = true;
            Inspect();
        }

        var steps = 150 + random.Next(250);
        for (var step = 0; step < steps; step++)
        {
            broker.Pass(faults is Faults.Deletions or Faults.Outages ? 10 : 40);
            Move();
            if (broker.Chance(0.03))
            {
                Fail();
            }
        }

        api.IsPublishing = false;
        edges.ForEach(edge => edge.Slowness = 0);
        api.Slowness = 0;
        Until(() => api.IsServing && edges.TrueForAll(edge => edge.HasReadAll), "all is read in the end");
        foreach (var edge in edges)
        {
            Check(edge);
        }

        Inspect();
        return (api, edges);

        void Inspect() => inspect?.Invoke(broker.Epochs!.Records.Aggregate(EpochChain.Empty, (chain, record) => chain.Append(record)));

        void Move()
        {
            switch (random.Next(5))
            {
                case 0:
                    api.Step();
                    break;
                case 1 when broker.Pushes is not null && api.IsPublishing && faults is not (Faults.Deletions or Faults.Outages):
                    // Somebody else's, without confirmation.
                    broker.Publish(NextId());
                    break;
                case 2 or 3:
                    edges[0].Step();
                    break;
                default:
                    edges[1].Step();
                    break;
            }
        }

        void Fail()
        {
            var kind = random.Next(10);
            switch (kind)
            {
                case 0 or 1 when faults.HasFlag(Faults.Cuts):
                    edges[random.Next(2)].Cut();
                    break;
                case 2 when faults.HasFlag(Faults.Cuts):
                    CutApi();
                    break;
                case 3 when faults.HasFlag(Faults.Cuts) && !edges.Exists(edge => edge.IsAttaching):
                    // Not while the time back for which an Edge asks is on its way to the broker: half of that is allowed for.
                    broker.Pass(20_000);
                    break;
                case 4 when faults.HasFlag(Faults.Deletions):
                    broker.Pushes = null;
                    replacedAt = broker.GetTimestamp();
                    break;
                case 5 when faults.HasFlag(Faults.Losses):
                    broker.Epochs = null;
                    break;
                case 6 when faults.HasFlag(Faults.Losses) && broker.Pushes is not null && !edges.Exists(edge => edge.IsAttachingFirst):
                    // Made anew by somebody's hand: no epoch says so. A starting Edge can't see it between two of its questions.
                    broker.Pushes = new ModelStream<ModelRecord>();
                    replacedAt = broker.GetTimestamp();
                    break;
                case 7 when faults.HasFlag(Faults.Losses) && broker.Pushes is { Records.Count: > 0 } stream:
                    CutAll();
                    var lost = Math.Min(stream.Records.Count, random.Next(1, 8));
                    broker.Pushes = new ModelStream<ModelRecord> { Records = stream.Records[..^lost] };
                    break;
                case 8 when faults.HasFlag(Faults.Losses) || faults.HasFlag(Faults.Outages):
                    if (copy.Pushes is null || broker.Chance(0.4))
                    {
                        copy = (broker.Pushes?.Copy(), broker.Epochs?.Copy());
                        break;
                    }

                    CutAll();
                    broker.Pass(faults.HasFlag(Faults.Outages) ? random.Next(20_000) : 0);
                    replacedAt = broker.GetTimestamp();
                    (broker.Pushes, broker.Epochs) = broker.Chance(0.3) ? (null, null) : (copy.Pushes!.Copy(), copy.Epochs?.Copy());
                    break;
                case 9 when faults.HasFlag(Faults.Restarts):
                    var restarted = random.Next(2);
                    Check(edges[restarted]);
                    edges[restarted].Cut();
                    edges[restarted] = new ModelEdge(broker) { Slowness = slowness };
                    break;
            }
        }

        void CutAll()
        {
            edges.ForEach(edge => edge.Cut());
            CutApi();
            broker.LockHolder = null;
        }

        void CutApi()
        {
            api.Cut();
            api.Ended();
        }

        void Until(Func<bool> isReached, string phase)
        {
            for (var step = 0; !isReached(); step++)
            {
                Assert.True(step < 20_000, $"seed {seed}: {phase}");
                broker.Pass(3);
                if (step % 500 == 499 && broker.Pushes is not null)
                {
                    // Nobody can see that an empty stream is another one.
                    broker.Publish(NextId());
                }

                api.Step();
                edges.ForEach(edge => edge.Step());
            }
        }

        void Check(ModelEdge edge)
        {
            var twice = edge.Received.GroupBy(record => record.Id).FirstOrDefault(group => group.Count() > 1);
            Assert.True(twice is null, $"seed {seed}: {twice?.Key} came twice");

            // An Edge that lost its first connection before it had read anything attaches by time, which begins a little early.
            var old = edge.Received.Find(record => record.Republication == 0 && record.At < edge.LookedAt - 2_100);
            Assert.True(old is null, $"seed {seed}: {old} is older than the Edge, which came at {edge.LookedAt}");

            if (edge.HasReadAll)
            {
                var received = edge.Received.Select(record => record.Id).ToHashSet();
                // What an Edge had not read when the stream was replaced is lost; where a copy brings it back, it is old.
                var since = Math.Max(edge.ReadyAt!.Value, replacedAt);
                var missed = broker.Pushes!.Records.Find(record => record.At > since && published[record.Id] > edge.ReadyAt && !received.Contains(record.Id));
                Assert.True(missed is null, $"seed {seed}: {missed} is in the stream and was never delivered, the Edge was ready at {edge.ReadyAt}");
            }
        }
    }
}
