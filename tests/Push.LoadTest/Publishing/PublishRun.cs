using System.Threading.Channels;
using Push.LoadTest.Native;
using Push.LoadTest.Results;

namespace Push.LoadTest.Publishing;

/// <summary>Carries out one plan.</summary>
internal sealed class PublishRun(PublishPlan plan, IPublisher publisher, DeliveryFeedback? feedback, Dictionary<(int Room, int Lane), int> sequences)
{
    // A lane further behind than this means a server that has stopped answering.
    private const int MaxDue = 100_000;

    private int _begun;

    public async Task<PublishReport> RunAsync(CancellationToken cancellationToken)
    {
        var started = MonotonicClock.Now;
        var end = started + (long)(plan.Seconds * MonotonicClock.Second);
        var lanes = plan.Mode == PublishMode.Paced
            ? await RunPacedAsync(started, end, cancellationToken)
            : await RunLoopsAsync(end, cancellationToken);
        return Report(lanes, started);
    }

    private async Task<Lane[]> RunLoopsAsync(long end, CancellationToken cancellationToken)
    {
        var lanes = Enumerable.Range(plan.FirstLane, plan.Lanes).Select(NewLane).ToArray();
        await Task.WhenAll(lanes.Select(lane => Task.Run(() => LoopAsync(lane, end, cancellationToken), CancellationToken.None)));
        return lanes;
    }

    private async Task LoopAsync(Lane lane, long end, CancellationToken cancellationToken)
    {
        for (var turn = lane.Number; MonotonicClock.Now < end && !cancellationToken.IsCancellationRequested && MayBegin(); turn++)
        {
            var room = plan.Rooms[turn % plan.Rooms.Length];
            if (plan.Mode == PublishMode.Flood)
            {
                await lane.PublishAsync(room, due: 0, cancellationToken);
                continue;
            }

            var delivered = feedback!.DeliveredAsync(lane.Number, lane.NextSequence(room));
            if (!await lane.PublishAsync(room, due: 0, cancellationToken))
            {
                continue;
            }

            try
            {
                await delivered;
            }
            catch (TimeoutException)
            {
                lane.Fail("accepted, and not delivered to all in time");
                return;
            }
        }
    }

    private bool MayBegin() => plan.Count == 0 || Interlocked.Increment(ref _begun) <= plan.Count;

    private async Task<Lane[]> RunPacedAsync(long started, long end, CancellationToken cancellationToken)
    {
        var places = plan.Rooms
            .SelectMany(room => Enumerable.Range(plan.FirstLane, plan.Lanes).Select(number => (Room: room, Lane: NewLane(number))))
            .OrderBy(place => place.Lane.Number)
            .Select(place => (place.Room, place.Lane, Due: Channel.CreateBounded<long>(MaxDue)))
            .ToArray();
        var consumers = places.Select(p => Task.Run(() => ConsumeAsync(p.Room, p.Lane, p.Due.Reader, cancellationToken), CancellationToken.None)).ToArray();
        await Task.Factory.StartNew(() => Dispatch(places, started, end), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(consumers);
        return [.. places.Select(p => p.Lane)];

        void Dispatch((PublishRoom Room, Lane Lane, Channel<long> Due)[] all, long from, long until)
        {
            var interval = MonotonicClock.Second / plan.Rate;
            for (var i = 0; plan.Count == 0 || i < plan.Count; i++)
            {
                var due = from + (long)(i * interval);
                if (due >= until || cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                MonotonicClock.SleepUntil(due);
                if (!all[i % all.Length].Due.Writer.TryWrite(due))
                {
                    throw new InvalidOperationException($"the server is {MaxDue} messages behind");
                }
            }

            foreach (var place in all)
            {
                place.Due.Writer.Complete();
            }
        }
    }

    private static async Task ConsumeAsync(PublishRoom room, Lane lane, ChannelReader<long> dues, CancellationToken cancellationToken)
    {
        // Not cancelled: the dispatcher ends it, and what the server has not taken by then is counted.
        while (await dues.WaitToReadAsync(CancellationToken.None))
        {
            // The first after a wait found its lane free: it counts from now, without the generator's own delay in waking up.
            var waited = true;
            while (dues.TryRead(out var due))
            {
                await lane.PublishAsync(room, waited ? 0 : due, cancellationToken);
                waited = false;
            }
        }
    }

    private Lane NewLane(int number) => new(number, plan.PayloadBytes, plan.Measured, publisher, sequences);

    private static PublishReport Report(Lane[] lanes, long started)
    {
        var times = new Latencies();
        foreach (var lane in lanes)
        {
            times.Add(lane.ConfirmTimes.ToPairs());
        }

        return new PublishReport
        {
            Confirmed = lanes.Sum(l => l.Confirmed),
            Failed = lanes.Sum(l => l.Failed),
            FirstFailure = lanes.Select(l => l.FirstFailure).FirstOrDefault(f => f is not null),
            Expected = lanes.Sum(l => l.Expected),
            Seconds = MonotonicClock.Seconds(MonotonicClock.Now - started),
            ConfirmTimes = times.ToPairs(),
        };
    }
}
