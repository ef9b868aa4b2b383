using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class ConfirmedPublicationsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConfirmedPublications _confirmed;

    public ConfirmedPublicationsTests() => _confirmed = new ConfirmedPublications(_time);

    [Fact]
    public void What_was_confirmed_lately_is_handed_out_once_in_its_order()
    {
        string?[] ids = ["1", "zwei", null];
        var pushes = ids.Select(id => Push(id, "GOAL")).ToList();
        pushes.ForEach(_confirmed.Add);

        var taken = _confirmed.TakeAll();
        Assert.Equal(ids, taken.Select(publication => publication.Id));
        Assert.Equal(pushes.Select(push => push.MessageId), taken.Select(publication => publication.MessageId));
        Assert.Equal(pushes.Select(push => Encoding.UTF8.GetString(push.Body.Span)), taken.Select(publication => Encoding.UTF8.GetString(publication.Body)));
        Assert.All(taken, publication => Assert.Equal("room:1001", publication.Target));
        Assert.Empty(_confirmed.TakeAll());
    }

    [Fact]
    public void What_was_confirmed_long_before_the_stream_was_lost_is_not()
    {
        _confirmed.Add(Push("old", "GOAL"));
        _time.Advance(ConfirmedPublications.Window + TimeSpan.FromMilliseconds(1));
        _confirmed.Add(Push("new", "GOAL"));
        _confirmed.Pause();

        // However long it takes until there is a stream again.
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("new", Assert.Single(_confirmed.TakeAll()).Id);
    }

    [Fact]
    public void Nothing_ages_while_there_is_no_connection()
    {
        // Which data the broker came back with, readers see only after the connection is there again.
        _confirmed.Add(Push("old", "GOAL"));
        _time.Advance(TimeSpan.FromSeconds(2));
        _confirmed.Add(Push("before", "GOAL"));
        for (var outage = 0; outage < 3; outage++)
        {
            _confirmed.Pause();
            _time.Advance(TimeSpan.FromSeconds(30));
            _confirmed.Pause();
            _time.Advance(TimeSpan.FromSeconds(30));
            _confirmed.Resume();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _confirmed.Add(Push("after", "GOAL"));
        _time.Advance(ConfirmedPublications.Window - TimeSpan.FromSeconds(3));
        Assert.Equal(["before", "after"], _confirmed.TakeAll().Select(publication => publication.Id));
    }

    [Fact]
    public void The_newest_stay_within_the_bound()
    {
        var text = new string('x', 30_000);
        var count = (ConfirmedPublications.MaxBytes / text.Length) + 200;
        for (var i = 0; i < count; i++)
        {
            _confirmed.Add(Push($"{i}", text));
        }

        var taken = _confirmed.TakeAll();
        Assert.InRange(taken.Sum(publication => publication.Body.Length), ConfirmedPublications.MaxBytes * 3 / 4, ConfirmedPublications.MaxBytes);
        Assert.Equal($"{count - 1}", taken[^1].Id);
        Assert.Equal(taken.Count, taken.Select(publication => publication.Id).Distinct().Count());
    }

    [Fact]
    public void One_that_is_published_once_more_is_told_from_the_first_time_and_from_every_other_time()
    {
        _confirmed.Add(Push("1", "GOAL"));
        var kept = Assert.Single(_confirmed.TakeAll());
        var (once, again) = (new OutgoingPush(kept), new OutgoingPush(kept));
        Assert.Equal(kept.MessageId, once.MessageId);
        Assert.Equal(kept.Body, once.Body.ToArray());
        Assert.NotEqual(once.Properties.Headers![BusNames.RepublishedHeader], again.Properties.Headers![BusNames.RepublishedHeader]);
        Assert.False(Push("1", "GOAL").Properties.Headers!.ContainsKey(BusNames.RepublishedHeader));
    }

    private static OutgoingPush Push(string? id, string text) =>
        new(new DecodedPublication { Target = RoomKey.Room("1001"), Id = id, Message = JsonSerializer.SerializeToUtf8Bytes(text) });
}
