using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Ingest;
using Push.Edge.Telemetry;
using Push.Messaging;
using Push.TestKit.Clients;
using Push.UnitTests.Fanout;
using RabbitMQ.Client;
using Xunit;

namespace Push.UnitTests.Ingest;

public sealed class PublicationPipelineTests : IAsyncDisposable
{
    private readonly FanoutRig _rig = new();
    private readonly ScriptedTransport _member = new();
    private readonly MalformedLog _malformed;
    private readonly PublicationPipeline _pipeline;

    public PublicationPipelineTests()
    {
        _malformed = new MalformedLog(_rig.Time, NullLogger<MalformedLog>.Instance);
        _pipeline = new PublicationPipeline(
            _rig.Fanout,
            new DuplicateWindow(Options.Create(new BusOptions()), _rig.Time),
            _malformed,
            _rig.Metrics,
            new DeliveryTelemetry(_rig.Metrics, _rig.Time),
            Options.Create(new PublicationOptions { MaxMessageBytes = 1024 }));
        _rig.Open(_member, FanoutRig.Session(userId: "u1", deviceId: "d1"), "1");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("""{"message":"GOAL","roomId":"1"}""")]
    [InlineData("""{"message":"GOAL","roomId":1}""")]
    [InlineData("""{"message":"GOAL","userId":"u1"}""")]
    [InlineData("""{"message":"GOAL","deviceId":"d1"}""")]
    [InlineData("""{"message":"GOAL"}""")]
    public void Without_headers_the_body_decides(string body)
    {
        Assert.Equal(PublicationOutcome.FannedOut, Handle(body));
        Assert.Equal(["GOAL"], Received());
    }

    [Theory]
    [InlineData("""{"message":"GOAL","roomId":"2"}""")]
    [InlineData("""{"message":"GOAL","userId":"u2"}""")]
    [InlineData("""{"message":"GOAL","deviceId":"d2"}""")]
    public void Nobody_else_receives_it(string body)
    {
        Assert.Equal(PublicationOutcome.Skipped, Handle(body));
        Assert.Empty(Received());
    }

    [Fact]
    public void A_header_for_nobody_here_ends_it_before_the_body_is_read() =>
        Assert.Equal(PublicationOutcome.Skipped, Handle("not even JSON", "room:2"));

    [Theory]
    [InlineData("room:1")]
    [InlineData("*")]
    [InlineData("user:u1")]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("room:no such id!")]
    public void A_body_that_is_read_wins_over_the_header(string header)
    {
        Assert.Equal(PublicationOutcome.Skipped, Handle("""{"message":"GOAL","roomId":"2"}""", header));
        Assert.Equal(PublicationOutcome.FannedOut, Handle("""{"message":"GOAL","roomId":"1"}""", header));
        Assert.Equal(["GOAL"], Received());
    }

    [Fact]
    public void An_id_counts_once_within_its_target()
    {
        Assert.Equal(PublicationOutcome.FannedOut, Handle("""{"id":"goal-1","message":"one","roomId":"1"}"""));
        Assert.Equal(PublicationOutcome.Duplicate, Handle("""{"id":"goal-1","message":"again","roomId":"1"}"""));
        Assert.Equal(PublicationOutcome.FannedOut, Handle("""{"id":"goal-1","message":"all"}"""));
        Assert.Equal(["one", "all"], Received());
    }

    [Fact]
    public void Without_an_id_in_the_body_the_header_counts_and_without_either_nothing()
    {
        const string Body = """{"message":"GOAL","roomId":"1"}""";
        Assert.Equal(PublicationOutcome.FannedOut, Handle(Body, "room:1", "goal-1"));
        Assert.Equal(PublicationOutcome.Duplicate, Handle(Body, "room:1", "goal-1"));
        Assert.Equal(PublicationOutcome.FannedOut, Handle(Body));
        Assert.Equal(PublicationOutcome.FannedOut, Handle(Body));
    }

    [Fact]
    public void The_id_of_a_skipped_publication_is_remembered()
    {
        Assert.Equal(PublicationOutcome.Skipped, Handle("""{"id":"goal-1","message":"GOAL","roomId":"2"}""", "room:2", "goal-1"));
        _rig.Open(new ScriptedTransport(), "2");
        Assert.Equal(PublicationOutcome.Duplicate, Handle("""{"id":"goal-1","message":"GOAL","roomId":"2"}""", "room:2", "goal-1"));
    }

    [Theory]
    [InlineData("room:1", "goal-1")]
    [InlineData(null, null)]
    public void What_was_published_before_the_start_is_remembered_and_not_delivered(string? target, string? id)
    {
        var body = """{"id":"goal-1","message":"GOAL","roomId":"1"}""";
        _pipeline.Remember(Record(Properties(target, id), body));
        Assert.Equal(PublicationOutcome.Duplicate, Handle(body));
        Assert.Empty(Received());
    }

    [Fact]
    public void Poison_is_counted_and_the_next_one_is_delivered()
    {
        Assert.Equal(PublicationOutcome.Malformed, Handle("not JSON"));
        Assert.Equal(PublicationOutcome.Malformed, Handle("""{"message":"both","roomId":"1","userId":"u1"}"""));
        Assert.Equal(PublicationOutcome.Malformed, Handle("""{"message":"GOAL","userId":{}}"""));
        Assert.Equal(PublicationOutcome.Malformed, Handle(new string(' ', (16 * 1024) + 1)));
        Assert.Equal(4, _malformed.Count);
        Assert.Equal(PublicationOutcome.FannedOut, Handle("""{"message":"GOAL","roomId":"1"}"""));
        Assert.Equal(["GOAL"], Received());
    }

    [Fact]
    public void The_limit_counts_the_message_as_clients_receive_it()
    {
        var escaped = string.Concat(Enumerable.Repeat("\\u0061", 1024));
        Assert.Equal(PublicationOutcome.FannedOut, Handle($$"""{"message":"{{escaped}}","roomId":"1"}"""));
        Assert.Equal(PublicationOutcome.TooLarge, Handle($$"""{"message":"{{escaped}}a","roomId":"1"}"""));
        Assert.Equal([new string('a', 1024)], Received());
    }

    [Theory]
    [InlineData("""{"id":"goal-1","message":5,"roomId":"1"}""", "room:1")]
    [InlineData("""{"id":"goal-1","message":5,"roomId":"2"}""", "room:2")]
    [InlineData("""{"id":"goal-1","message":"\ud800","roomId":"1"}""", "room:1")]
    [InlineData("""{"id":"goal-1","message":"\ud800","roomId":"2"}""", "room:2")]
    [InlineData("""{"id":"goal-1","message":"x","roomId":"1","RoomId":"1"}""", null)]
    public void The_id_of_a_malformed_one_stays_free_for_its_retry(string malformed, string? header)
    {
        _rig.Open(new ScriptedTransport(), "3");
        Assert.Equal(PublicationOutcome.Malformed, Handle(malformed, header, "goal-1"));
        var room = header?[^1] ?? '1';
        Assert.Equal(room == '1' ? PublicationOutcome.FannedOut : PublicationOutcome.Skipped, Handle($$"""{"id":"goal-1","message":"GOAL","roomId":"{{room}}"}""", header, "goal-1"));
    }

    [Fact]
    public void What_is_too_large_or_malformed_before_the_start_is_not_remembered()
    {
        var tooLarge = $$"""{"id":"goal-1","message":"{{new string('a', 1025)}}","roomId":"1"}""";
        _pipeline.Remember(Record(Properties("room:1", "goal-1"), tooLarge));
        Assert.Equal(PublicationOutcome.TooLarge, Handle(tooLarge, "room:1", "goal-1"));
        Assert.Equal(PublicationOutcome.FannedOut, Handle("""{"id":"goal-1","message":"GOAL","roomId":"1"}""", "room:1", "goal-1"));
    }

    [Fact]
    public void What_a_publisher_of_this_process_hands_over_is_delivered_the_same()
    {
        Assert.Equal(PublicationOutcome.FannedOut, Handle("1"));
        Assert.Equal(PublicationOutcome.Duplicate, Handle("1"));
        Assert.Equal(PublicationOutcome.Skipped, Handle("2"));
        Assert.Equal(["""{"score":[1,0]}"""], Received());

        PublicationOutcome Handle(string room) => _pipeline.Handle(new PublicationRecord(
            new StreamPosition("e1", 0),
            new DecodedPublication { Target = RoomKey.Room(room), Id = "goal-1", Message = """{ "score" : [1, 0] }"""u8 },
            default));
    }

    [Fact]
    public void The_trace_comes_from_the_header()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        foreach (var header in (string[])["traceparent", "MT-Activity-Id"])
        {
            var properties = new BasicProperties { Headers = new Dictionary<string, object?> { [header] = Encoding.ASCII.GetBytes(TraceParent) } };
            var trace = Record(properties, "").Trace;
            Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (trace.TraceId.ToHexString(), trace.SpanId.ToHexString()));
        }

        Assert.Equal(default, Record(new BasicProperties(), "").Trace);
    }

    private PublicationOutcome Handle(string body, string? target = null, string? id = null) =>
        _pipeline.Handle(Record(Properties(target, id), body));

    private static PublicationRecord Record(BasicProperties properties, string body) => new(new StreamPosition("e1", 0), properties, Encoding.UTF8.GetBytes(body));

    private static BasicProperties Properties(string? target, string? id)
    {
        var headers = new Dictionary<string, object?>();
        if (target is not null)
        {
            headers[BusNames.TargetHeader] = Encoding.UTF8.GetBytes(target);
        }

        if (id is not null)
        {
            headers[BusNames.IdHeader] = Encoding.UTF8.GetBytes(id);
        }

        return new BasicProperties { Headers = headers };
    }

    private List<string> Received()
    {
        _rig.RunRound();
        return ReceivedFrame.Describe(_member.Received);
    }
}
