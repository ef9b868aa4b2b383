using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Contracts;
using Push.Edge.Ingest;
using Push.Messaging;
using Xunit;

namespace Push.UnitTests.Ingest;

public sealed class DuplicateWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_id_is_known_until_the_window_has_passed()
    {
        var window = Create();
        Assert.True(window.TryAdd(RoomKey.Room("1"), "goal-1"));

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.False(window.TryAdd(RoomKey.Room("1"), "goal-1"));

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(window.TryAdd(RoomKey.Room("1"), "goal-1"));
    }

    [Fact]
    public void The_same_id_in_another_target_is_another_publication()
    {
        var window = Create();
        RoomKey[] targets = [RoomKey.Everybody, RoomKey.Room("1"), RoomKey.Room("2"), RoomKey.User("1"), RoomKey.Device("1"), RoomKey.Room("1g")];
        Assert.All(targets, target => Assert.True(window.TryAdd(target, "goal-1")));
        Assert.All(targets, target => Assert.False(window.TryAdd(target, "goal-1")));
        Assert.True(window.TryAdd(RoomKey.Room("1"), "ggoal-1"));
    }

    [Fact]
    public void The_longest_ids_fit()
    {
        var window = Create();
        var id = new string('x', 128);
        Assert.True(window.TryAdd(RoomKey.User(id), id));
        Assert.False(window.TryAdd(RoomKey.User(id), id));
    }

    [Fact]
    public void The_number_of_ids_is_bounded_and_the_oldest_goes_first()
    {
        var window = Create(capacity: 1_000);
        for (var i = 0; i < 1_001; i++)
        {
            Assert.True(window.TryAdd(RoomKey.Everybody, $"id-{i}"));
        }

        Assert.Equal(1_000, window.Count);
        Assert.False(window.TryAdd(RoomKey.Everybody, "id-1"));
        Assert.True(window.TryAdd(RoomKey.Everybody, "id-0"));
    }

    [Fact]
    public void It_agrees_with_a_model_over_any_history() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 20], Gen.Int[0, 90]).Array[0, 200].Sample(history =>
        {
            var time = new FakeTimeProvider();
            var window = new DuplicateWindow(Options.Create(new BusOptions()), time);
            var model = new Dictionary<(int Room, int Id), DateTimeOffset>();
            foreach (var (room, id, seconds) in history)
            {
                time.Advance(TimeSpan.FromSeconds(seconds));
                var now = time.GetUtcNow();
                var isNew = !model.TryGetValue((room, id), out var since) || now - since >= TimeSpan.FromMinutes(5);
                if (isNew)
                {
                    model[(room, id)] = now;
                }

                Assert.Equal(isNew, window.TryAdd(RoomKey.Room($"{room}"), $"{id}"));
            }
        });

    private DuplicateWindow Create(int capacity = 500_000) => new(Options.Create(new BusOptions { DuplicateCapacity = capacity }), _time);
}
