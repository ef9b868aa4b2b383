using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Api.Publications;
using Push.Api.Telemetry;
using Push.Contracts;
using Push.Messaging;
using Push.ServiceDefaults.Http;
using Push.TestKit.Capture;
using Xunit;

namespace Push.UnitTests.Api.Publications;

public sealed class PublicationRequestTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 11, 19, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"message":"x"}""", "*")]
    [InlineData("""{"message":"x","roomId":null,"userId":null,"deviceId":null}""", "*")]
    [InlineData("""{"message":"x","roomId":""}""", "*")]
    [InlineData("""{"message":"x","roomId":"match-1"}""", "room:match-1")]
    [InlineData("""{"message":"x","roomId":"\u006datch-1"}""", "room:match-1")]
    [InlineData("""{"message":"x","roomId":1001}""", "room:1001")]
    [InlineData("""{"message":"x","roomId":0}""", "room:0")]
    [InlineData("""{"message":"x","roomId":123456789012345678901234567890}""", "room:123456789012345678901234567890")]
    [InlineData("""{"message":"x","userId":"42"}""", "user:42")]
    [InlineData("""{"message":"x","deviceId":"Zoë's phone"}""", "device:Zoë's phone")]
    [InlineData("""{"message":"x","roomId":"","userId":"42"}""", "user:42")]
    [InlineData("""{"unknown":{"roomId":"other"},"message":"x","roomId":"match-1"}""", "room:match-1")]
    public void The_target_is_the_one_that_is_named(string body, string target) =>
        Assert.Equal(target, Parse(body).Target.ToString());

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"a":[1,2.50,1e400,true,null],"b":"\u00e9é\n"}""")]
    [InlineData("""{"twice":1,"twice":2}""")]
    [InlineData("""["😀","\ud83d\ude00"]""")]
    public void The_message_stays_as_it_was_sent(string message)
    {
        var push = Parse($$"""{ "roomId" : "a", "message" : {{message}} , "id" : "b" }""").Push;

        Assert.NotNull(push);
        Assert.Equal(Encoding.UTF8.GetString(MessageJson.Normalize(Encoding.UTF8.GetBytes(message))), push.Message.GetRawText());
    }

    [Theory]
    [InlineData("", "The body is empty")]
    [InlineData("\uFEFF", "The body is empty")]
    [InlineData(" ", "The body is not valid JSON (line 1, byte 2)")]
    [InlineData("{", "The body is not valid JSON (line 1, byte 2)")]
    [InlineData("{\n\"message\":\"x\"", "The body is not valid JSON (line 2, byte 14)")]
    [InlineData("""{"message":"x"}{}""", "The body is not valid JSON (line 1, byte 16)")]
    [InlineData("""{"message":"x",}""", "The body is not valid JSON (line 1, byte 16)")]
    [InlineData("""{"message":[1,}""", "The body is not valid JSON (line 1, byte 15)")]
    [InlineData("[]", "The body must be a JSON object")]
    [InlineData("null", "The body must be a JSON object")]
    [InlineData("\"message\"", "The body must be a JSON object")]
    [InlineData("{}", "message is required: a string, an object or an array")]
    [InlineData("""{"roomId":"a"}""", "message is required: a string, an object or an array")]
    [InlineData("""{"message":null}""", "message must be a string, an object or an array")]
    [InlineData("""{"message":1}""", "message must be a string, an object or an array")]
    [InlineData("""{"message":true}""", "message must be a string, an object or an array")]
    [InlineData("""{"message":"\ud800"}""", "message holds half of a surrogate pair")]
    [InlineData("""{"message":{"a":["\udc00\ud800"]}}""", "message holds half of a surrogate pair")]
    [InlineData("""{"message":{"\ud800":1}}""", "message holds half of a surrogate pair")]
    [InlineData("""{"\ud800":1,"message":"x"}""", "A field name holds half of a surrogate pair")]
    [InlineData("""{"message":"x","message":"y"}""", "message is given twice")]
    [InlineData("""{"message":"x","roomId":"a","roomId":"a"}""", "roomId is given twice")]
    [InlineData("""{"message":"x","roomid":"a"}""", "A field is named as roomId in another case")]
    [InlineData("""{"message":"x","roomId":1.5}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":1e3}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":1E3}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":{}}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":["a"]}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":true}""", "roomId must be a string or an integer")]
    [InlineData("""{"message":"x","roomId":"\ud800"}""", "roomId holds half of a surrogate pair")]
    [InlineData("""{"message":"x","roomId":"a\u0000"}""", "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -")]
    [InlineData("""{"message":"x","roomId":" a"}""", "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -")]
    [InlineData("""{"message":"x","userId":""}""", "userId must not be empty")]
    [InlineData("""{"message":"x","deviceId":""}""", "deviceId must not be empty")]
    [InlineData("""{"message":"x","userId":42}""", "userId must be a string")]
    [InlineData("""{"message":"x","deviceId":{}}""", "deviceId must be a string")]
    [InlineData("""{"message":"x","userId":"a\nb"}""", "userId must be 1-128 characters without control characters")]
    [InlineData("""{"message":"x","roomId":"a","userId":"b"}""", "roomId, userId and deviceId exclude each other")]
    [InlineData("""{"message":"x","userId":"a","deviceId":"b"}""", "roomId, userId and deviceId exclude each other")]
    [InlineData("""{"message":"x","id":1}""", "id must be a string")]
    [InlineData("""{"message":"x","id":"a\tb"}""", "id must be 1-128 characters without control characters")]
    [InlineData("""{"message":"x","key":[]}""", "key must be a string")]
    [InlineData("""{"message":"x","key":"\u0000"}""", "key must be 1-128 characters without control characters")]
    [InlineData("""{"message":"x","occurredAt":"yesterday"}""", "occurredAt must be an ISO 8601 time")]
    [InlineData("""{"message":"x","occurredAt":20260611}""", "occurredAt must be an ISO 8601 time")]
    [InlineData("""{"message":"x","occurredAt":""}""", "occurredAt must be an ISO 8601 time")]
    [InlineData("""{"message":"x","occurredAt":"0001-01-01T00:00:00+14:00"}""", "occurredAt must be an ISO 8601 time")]
    public void What_is_wrong_is_named(string body, string error) => AssertRefused(400, error, Parse(body));

    [Fact]
    public void Ids_of_5000_characters_are_refused()
    {
        var endless = new string('1', 5000);

        AssertRefused(400, "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -", Parse($$"""{"message":"x","roomId":{{endless}}}"""));
        AssertRefused(400, "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -", Parse($$"""{"message":"x","roomId":"{{endless}}"}"""));
        AssertRefused(400, "userId must be 1-128 characters without control characters", Parse($$"""{"message":"x","userId":"{{endless}}"}"""));
        AssertRefused(400, "id must be 1-128 characters without control characters", Parse($$"""{"message":"x","id":"{{endless}}"}"""));
        AssertRefused(400, "id must be 1-128 characters without control characters", Parse("""{"message":"x"}""", endless));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    public void A_body_that_is_not_utf8_is_refused(byte[] text) =>
        AssertRefused(400, "The body is not valid UTF-8", Parse(new ReadOnlySequence<byte>([.. "{\"message\":\""u8, .. text, .. "\"}"u8])));

    [Fact]
    public void Nesting_has_an_end() =>
        AssertRefused(400, "message is nested too deeply: a body may have 64 levels", Parse($$"""{"message":{{new string('[', 1000)}}"""));

    [Theory]
    [InlineData("{\"a\":", "1", "}")]
    [InlineData("[", "", "]")]
    public void A_body_may_have_64_levels(string open, string inner, string close)
    {
        string Nested(int levels) => $$"""{"message":{{string.Concat(Enumerable.Repeat(open, levels))}}{{inner}}{{string.Concat(Enumerable.Repeat(close, levels))}}}""";
        Assert.True(Parse(Nested(63)).IsValid);
        AssertRefused(400, "message is nested too deeply: a body may have 64 levels", Parse(Nested(64)));
    }

    [Fact]
    public void A_body_in_pieces_is_read_as_one()
    {
        var body = """{"message":{"text":"Tor für Österreich"},"roomId":"match-1","id":"goal-1"}"""u8.ToArray();

        for (var cut = 1; cut < body.Length; cut++)
        {
            var first = new Segment(body.AsMemory(0, cut), 0);
            var last = first.Append(body.AsMemory(cut));
            var parsed = Parse(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
            Assert.Equal("""{"text":"Tor für Österreich"}""", parsed.Push?.Message.GetRawText());
        }
    }

    [Theory]
    [InlineData(1022, true)]
    [InlineData(1023, false)]
    public void A_message_may_have_so_many_bytes_and_no_more(int characters, bool isAccepted)
    {
        var parsed = Parse(JsonSerializer.Serialize(new { message = new string('x', characters) }));

        Assert.Equal(isAccepted, parsed.IsValid);
        Assert.Equal(isAccepted ? null : 413, parsed.Refusal?.Status);
    }

    [Fact]
    public void White_space_between_tokens_does_not_count_and_within_strings_does()
    {
        Assert.True(Parse($$"""{"message":{"a"{{new string(' ', 2000)}}: [ 1,{{new string('\n', 2000)}}"\"" ] } }""").IsValid);
        AssertRefused(413, "message exceeds 1024 bytes of compact JSON", Parse($$"""{"message":{"a":"\"{{new string(' ', 1020)}}"} }"""));
    }

    [Fact]
    public void An_id_is_made_up_where_none_is_given()
    {
        var first = Parse("""{"message":"x","id":""}""").Push;
        var second = Parse("""{"message":"x","id":null}""").Push;

        Assert.NotEqual(first?.Id, second?.Id);
        Assert.Equal(32, first?.Id.Length);
        Assert.Equal(Now, first?.PublishedAt);
    }

    [Theory]
    [InlineData("""{"message":"x","id":"goal-1"}""", null, "goal-1")]
    [InlineData("""{"message":"x"}""", "goal-1", "goal-1")]
    [InlineData("""{"message":"x","id":""}""", "goal-1", "goal-1")]
    [InlineData("""{"message":"x","id":"goal-1"}""", "goal-1", "goal-1")]
    [InlineData("""{"message":"x","id":"goal-1"}""", "", "goal-1")]
    public void The_id_comes_from_the_body_or_from_the_header(string body, string? header, string id) => Assert.Equal(id, Parse(body, header).Push?.Id);

    [Fact]
    public void Two_different_ids_are_refused() =>
        AssertRefused(400, "id and the Idempotency-Key header differ", Parse("""{"message":"x","id":"goal-1"}""", "goal-2"));

    [Theory]
    [InlineData("2026-06-11T19:09:00Z")]
    [InlineData("2026-06-11T19:09:00")]
    [InlineData("2026-06-11T21:09:00+02:00")]
    [InlineData("2026-06-11T13:09:00.000-06:00")]
    public void A_time_without_an_offset_is_utc(string time) =>
        Assert.Equal(Now.AddMinutes(9), Parse($$"""{"message":"x","occurredAt":"{{time}}"}""").Push?.OccurredAt);

    private static Parsed Parse(string body, string? idempotencyKey = null) =>
        Parse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), idempotencyKey);

    private static Parsed Parse(ReadOnlySequence<byte> body, string? idempotencyKey = null)
    {
        var publisher = new CapturingPublisher();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (time, options) = (new FakeTimeProvider(Now), Options.Create(new PublicationOptions { MaxMessageBytes = 1024 }));
        var endpoint = new PublicationEndpoint(publisher, null!, null!, new ApiMetrics(services.GetRequiredService<IMeterFactory>(), time), options, time);
        var started = endpoint.Start(body, idempotencyKey, CancellationToken.None);
        var (push, target) = publisher.Published.SingleOrDefault();
        return new Parsed(push, target, started.Refusal);
    }

    private static void AssertRefused(int status, string error, Parsed parsed)
    {
        Assert.NotNull(parsed.Refusal);
        Assert.Equal($$"""{{status}} {"error":"{{error}}"}""", $"{parsed.Refusal.Status} {Encoding.UTF8.GetString(parsed.Refusal.Body.Span)}");
        Assert.Null(parsed.Push);
    }

    private sealed record Parsed(PushRequested? Push, RoomKey Target, Reply? Refusal)
    {
        public bool IsValid => Push is not null;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
