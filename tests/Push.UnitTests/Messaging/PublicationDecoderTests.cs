using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Push.Edge.Protocols;
using Push.Messaging;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class PublicationDecoderTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Theory]
    [InlineData("""{"message":"GOAL","roomId":"1001"}""", "room:1001")]
    [InlineData("""{"message":"GOAL","roomId":1001}""", "room:1001")]
    [InlineData("""{"message":"GOAL","userId":"u1"}""", "user:u1")]
    [InlineData("""{"message":"GOAL","deviceId":"d1"}""", "device:d1")]
    [InlineData("""{"message":"GOAL","roomId":null,"userId":"u1"}""", "user:u1")]
    [InlineData("""{"message":"GOAL","roomId":"","userId":"u1"}""", "user:u1")]
    [InlineData("""{"message":"GOAL"}""", "*")]
    [InlineData("""{"message":"GOAL","roomId":null}""", "*")]
    [InlineData("""{"message":"GOAL","roomId":""}""", "*")]
    [InlineData("""{"Message":"GOAL","RoomId":"1001"}""", "room:1001")]
    [InlineData("""{"message":"GOAL","\u0072oomId":"1001"}""", "room:1001")]
    public void The_body_names_the_target(string body, string target)
    {
        Assert.True(TryDecode(body, out var push, out var error), error);
        Assert.Equal(target, push.Target);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("GOAL", "not valid JSON")]
    [InlineData("""{"message":"GOAL" """, "not valid JSON")]
    [InlineData("""{"message":"GOAL"} {}""", "not valid JSON")]
    [InlineData("[1]", "JSON object")]
    [InlineData("\"GOAL\"", "JSON object")]
    [InlineData("{}", "message")]
    [InlineData("""{"message":null}""", "message")]
    [InlineData("""{"message":5}""", "message")]
    [InlineData("""{"message":true}""", "message")]
    [InlineData("""{"message":"x","roomId":1.5}""", "roomId")]
    [InlineData("""{"message":"x","roomId":1e3}""", "roomId")]
    [InlineData("""{"message":"x","roomId":{}}""", "roomId")]
    [InlineData("""{"message":"x","roomId":["1001"]}""", "roomId")]
    [InlineData("""{"message":"x","roomId":"a b"}""", "roomId")]
    [InlineData("""{"message":"x","roomId":"a\nb"}""", "roomId")]
    [InlineData("""{"message":"x","userId":42}""", "userId")]
    [InlineData("""{"message":"x","userId":"a\u0000b"}""", "userId")]
    [InlineData("""{"message":"x","userId":"\ud800"}""", "userId holds half of a surrogate pair")]
    [InlineData("""{"message":"x","roomId":"1","userId":"u"}""", "exclude")]
    [InlineData("""{"message":"x","deviceId":"d","userId":"u"}""", "exclude")]
    [InlineData("""{"message":"x","id":7}""", "id")]
    [InlineData("""{"message":"x","userId":"42","UserId":null}""", "userId is given twice")]
    [InlineData("""{"message":"x","userId":"42","UserId":""}""", "userId is given twice")]
    [InlineData("""{"message":"x","userId":"42","userId":"42"}""", "userId is given twice")]
    [InlineData("""{"message":"x","userId":"42","\u0055serId":"43"}""", "userId is given twice")]
    [InlineData("""{"message":"x","roomId":"1","ROOMID":null}""", "roomId is given twice")]
    [InlineData("""{"message":"x","deviceId":"1","deviceid":null}""", "deviceId is given twice")]
    [InlineData("""{"message":"x","Message":"y"}""", "message is given twice")]
    [InlineData("""{"message":"x","id":"1","Id":"2"}""", "id is given twice")]
    [InlineData("""{"message":"x","key":"1","Key":"2"}""", "key is given twice")]
    [InlineData("""{"message":"x","occurredAt":null,"OccurredAt":null}""", "occurredAt is given twice")]
    [InlineData("""{"message":"x","messageType":[],"MessageType":["urn:message:Push.Contracts:PushRequested"]}""", "messageType is given twice")]
    [InlineData("""{"messageType":["urn:message:Push.Contracts:PushRequested"],"message":{"message":"x","userId":"1","UserId":null}}""", "userId is given twice")]
    [InlineData("""{"messageType":["urn:message:Push.Contracts:PushRequested"],"message":{"message":"x","userId":"1"},"Message":{"message":"x"}}""", "message is given twice")]
    [InlineData("""{"message":"x","userId":""}""", "userId must not be empty")]
    [InlineData("""{"message":"x","deviceId":""}""", "deviceId must not be empty")]
    [InlineData("""{"message":"x","roomId":"1","userId":""}""", "userId must not be empty")]
    [InlineData("""{"messageType":["urn:message:Push.Contracts:PushRequested"]}""", "The envelope holds no message")]
    [InlineData("""{"messageType":["urn:message:Push.Contracts:PushRequested"],"message":"x"}""", "JSON object")]
    public void A_malformed_body_is_refused_with_the_name_of_what_is_wrong(string body, string reason)
    {
        Assert.False(TryDecode(body, out _, out var error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_room_id_of_more_than_64_characters_is_refused()
    {
        Assert.True(TryDecode($$"""{"message":"x","roomId":"{{new string('a', 64)}}"}""", out _, out _));
        Assert.False(TryDecode($$"""{"message":"x","roomId":"{{new string('a', 65)}}"}""", out _, out _));
        Assert.False(TryDecode($$"""{"message":"x","roomId":{{new string('1', 65)}}}""", out _, out _));
    }

    [Fact]
    public void An_id_has_at_most_128_characters_and_an_empty_one_counts_as_absent()
    {
        Assert.True(TryDecode($$"""{"message":"x","id":"{{new string('a', 128)}}"}""", out var longest, out _));
        Assert.Equal(128, longest.Id!.Length);
        Assert.False(TryDecode($$"""{"message":"x","id":"{{new string('a', 129)}}"}""", out _, out _));
        Assert.True(TryDecode("""{"message":"x","id":""}""", out var empty, out _));
        Assert.Null(empty.Id);
    }

    [Fact]
    public void The_envelope_of_MassTransit_holds_the_same_fields_in_its_message()
    {
        const string Envelope = """
            {
              "messageId": "9a0e0000-5d1c-0015-5ed2-08de2a9ac5e5", "requestId": null, "sentTime": "2026-06-11T20:00:00Z",
              "messageType": ["urn:message:Push.Contracts:PushRequested"],
              "message": {"id": "goal-1", "message": {"score": [1, 0]}, "roomId": "1001", "occurredAt": "2026-06-11T19:59:58+02:00"},
              "headers": {}, "host": {"machineName": "pipeline"}
            }
            """;

        Assert.True(TryDecode(Envelope, out var push, out var error), error);
        Assert.Equal(("goal-1", "room:1001", """{"score":[1,0]}"""), (push.Id, push.Target, push.Payload));
        Assert.Equal(DateTimeOffset.Parse("2026-06-11T17:59:58Z", null), push.OccurredAt);
    }

    [Theory]
    [InlineData("""{"roomId":"r1","MessageType":[],"message":{"message":"x"}}""")]
    [InlineData("""{"roomId":"r1","messageType":["goal"],"message":{"message":"x"}}""")]
    [InlineData("""{"roomId":"r1","messageType":"urn:message:Push.Contracts:PushRequested","message":{"message":"x"}}""")]
    [InlineData("""{"roomId":"r1","messageType":{"a":["urn:message:Push.Contracts:PushRequested"]},"message":{"message":"x"}}""")]
    [InlineData("""{"roomId":"r1","messageType":["urn:message:Scores:Goal"],"message":{"message":"x"}}""")]
    [InlineData("""{"roomId":"r1","messageType":null,"message":{"message":"x"}}""")]
    public void Only_the_type_of_a_publication_makes_an_envelope(string body)
    {
        Assert.True(TryDecode(body, out var push, out var error), error);
        Assert.Equal(("room:r1", """{"message":"x"}"""), (push.Target, push.Payload));
    }

    [Fact]
    public void The_content_type_of_an_envelope_makes_one_too()
    {
        Assert.True(PublicationDecoder.TryDecode("""{"roomId":"outer","message":{"message":"x","roomId":"inner"}}"""u8, PublicationForm.Envelope, out var push, out var error), error);
        Assert.Equal("room:inner", push.Target.ToString());
    }

    [Theory]
    [InlineData("\"2026-06-11T20:00:00Z\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"20260611T200000Z\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"20260611T2000Z\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11t20:00:00z\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11 20:00:00\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11T20:00:00\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11 20:00:00 UTC\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11T22:00:00+0200\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11T22:00:00+02\"", "2026-06-11T20:00:00Z")]
    [InlineData("\"2026-06-11T18:00:00.5-02:00\"", "2026-06-11T20:00:00.5Z")]
    [InlineData("\"2026-06-11T20:00:00,123456789Z\"", "2026-06-11T20:00:00.1234567Z")]
    [InlineData("\"2026-06-11T20:00:00.123456789Z\"", "2026-06-11T20:00:00.1234567Z")]
    [InlineData("\"2026-06-30T23:59:60Z\"", "2026-06-30T23:59:59.9999999Z")]
    [InlineData("1781208000", "2026-06-11T20:00:00Z")]
    [InlineData("1781208000.25", "2026-06-11T20:00:00.25Z")]
    [InlineData("1781208000250", "2026-06-11T20:00:00.25Z")]
    [InlineData("\"1781208000\"", "2026-06-11T20:00:00Z")]
    [InlineData("null", null)]
    public void A_time_is_read_in_every_form_that_can_mean_only_one_moment(string json, string? time)
    {
        foreach (var field in (string[])["occurredAt", "publishedAt"])
        {
            Assert.True(PublicationDecoder.TryDecode(Encoding.UTF8.GetBytes($$"""{"message":"x","{{field}}":{{json}}}"""), PublicationForm.Record, out var push, out var error), error);
            DateTimeOffset? expected = time is null ? null : DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(expected, field == "occurredAt" ? push.OccurredAt : push.PublishedAt);
            Assert.False(push.HasUnreadableTime);
        }
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2026-13-11T20:00:00Z\"")]
    [InlineData("\"2026-06-11T25:00:00Z\"")]
    [InlineData("\"2026-06-11T20:00:00+20:00\"")]
    [InlineData("\"06/11/2026 20:00\"")]
    [InlineData("\"20260611\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("20260611")]
    [InlineData("1e40")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[\"2026-06-11T20:00:00Z\"]")]
    public void A_time_that_nothing_can_be_made_of_costs_no_message(string json)
    {
        Assert.True(PublicationDecoder.TryDecode(Encoding.UTF8.GetBytes($$"""{"occurredAt":{{json}},"message":"x","roomId":"1"}"""), PublicationForm.Record, out var push, out var error), error);
        Assert.Equal((null, true, "room:1"), (push.OccurredAt, push.HasUnreadableTime, push.Target.ToString()));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(65, false)]
    public void Nesting_has_an_end_plain_and_in_an_envelope(int levels, bool valid)
    {
        var message = string.Concat(Enumerable.Repeat("[", levels)) + string.Concat(Enumerable.Repeat("]", levels));
        Assert.Equal(valid, TryDecode($$"""{"message":{{message}}}""", out _, out _));
        Assert.Equal(valid, TryDecode($$"""{"messageType":["urn:message:Push.Contracts:PushRequested"],"message":{"message":{{message}} } }""", out _, out _));
    }

    [Fact]
    public void A_plain_message_that_looks_like_a_request_stays_a_message()
    {
        Assert.True(TryDecode("""{"message":{"message":"x","roomId":"2"},"roomId":"1"}""", out var push, out _));
        Assert.Equal(("room:1", """{"message":"x","roomId":"2"}"""), (push.Target, push.Payload));
    }

    [Theory]
    [InlineData("\"GOAL\"", "GOAL")]
    [InlineData("\"\"", "")]
    [InlineData("\"2 \\u2013 1 \\\"M\\u00fcller\\\" \\\\ \\ud83d\\ude00\"", "2 – 1 \"Müller\" \\ 😀")]
    [InlineData("\"line\\nbreak\"", "line\nbreak")]
    [InlineData(" { \"a b\" : [ 1.0 , 1e400, -0 ,\t\"x \\\" y\\\\\" ] ,\r\n \"ü\" : { } } ", "{\"a b\":[1.0,1e400,-0,\"x \\\" y\\\\\"],\"ü\":{}}")]
    [InlineData("[ ]", "[]")]
    public void A_string_is_delivered_as_its_text_and_anything_else_as_compact_JSON(string message, string payload)
    {
        Assert.True(TryDecode($$"""{"message":{{message}}}""", out var push, out var error), error);
        Assert.Equal(payload, push.Payload);
    }

    [Theory]
    [InlineData("""{"Message":"x"}""")]
    [InlineData("""{"message":"x","occurredAt":"yesterday"}""")]
    [InlineData("""{"message":["\ud800"]}""")]
    [InlineData("""{"message":"x","publishedAt":1,"publishedAt":2}""")]
    [InlineData("""{"messageType":["urn:message:Push.Contracts:PushRequested"],"message":{"message":"x"}}""")]
    public void What_is_only_unclear_costs_a_record_nothing_where_a_request_is_refused_or_means_another_thing(string body)
    {
        var (asRecord, asRequest) = (Outcome(body, PublicationForm.Record), Outcome(body, PublicationForm.Request));
        Assert.NotEqual(asRecord, asRequest);

        static string Outcome(string body, PublicationForm form) =>
            PublicationDecoder.TryDecode(Encoding.UTF8.GetBytes(body), form, out var publication, out var error) ? Encoding.UTF8.GetString(publication.Message) : error;
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"x\\udc00\"")]
    public void Text_that_no_text_frame_may_hold_is_refused(string message) =>
        Assert.False(TryDecode($$"""{"message":{{message}}}""", out _, out _));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        byte[][] bodies =
        [
            [.. "{\"message\":\""u8, 0xFF, .. "\"}"u8],
            [.. "{\"message\":[\""u8, 0xC3, .. "\"]}"u8],
            [.. "{\"message\":\"x\",\"roomId\":\""u8, 0xFF, .. "\"}"u8],
        ];
        Assert.All(bodies, body => Assert.False(TryDecode(body, out _, out _)));
    }

    [Fact]
    public void Any_JSON_keeps_its_meaning_through_indentation() =>
        GenJson.Sample(json =>
        {
            using var document = JsonDocument.Parse(json);
            var indented = JsonSerializer.Serialize(document.RootElement, Indented);
            Assert.True(TryDecode($$"""{"message":{{indented}}}""", out var push, out var error), error);
            Assert.Equal(JsonSerializer.Serialize(document.RootElement), push.Payload);
        });

    [Fact]
    public void Arbitrary_bytes_never_throw() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 200],
            GenJson.Select(json => Encoding.UTF8.GetBytes($$"""{"message":{{json}},"roomId":{{json}},"messageType":[]}""")),
            GenJson.SelectMany(json => Gen.Int[0, json.Length].Select(cut => Encoding.UTF8.GetBytes($$"""{"message":{{json[..cut]}}"""))))
            .Sample(body => TryDecode(body, out _, out _) || true);

    private static Gen<string> GenJson { get; } = GenContainer(depth: 3);

    private static Gen<string> GenContainer(int depth)
    {
        string[] literals = ["true", "null", "1.50", "-0"];
        var text = Gen.Char.Where(c => !char.IsSurrogate(c)).Array[0, 8].Select(value => JsonSerializer.Serialize(new string(value)));
        var leaf = Gen.OneOf(text, Gen.Int.Select(value => JsonSerializer.Serialize(value)), Gen.Int[0, 3].Select(i => literals[i]));
        var item = depth == 0 ? leaf : Gen.OneOf(leaf, GenContainer(depth - 1));
        var member = Gen.Select(text, item, (name, value) => $"{name}:{value}");
        return Gen.OneOf(
            item.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"),
            member.Array[0, 3].Select(members => $"{{{string.Join(',', members)}}}"));
    }

    private static bool TryDecode(string body, out Decoded push, out string? error) => TryDecode(Encoding.UTF8.GetBytes(body), out push, out error);

    private static bool TryDecode(byte[] body, out Decoded push, out string? error)
    {
        push = default;
        var payload = new ArrayBufferWriter<byte>();
        if (!PublicationDecoder.TryDecode(body, PublicationForm.Record, out var decoded, out error))
        {
            return false;
        }

        PlainPayload.Write(decoded.Message, payload);

        push = new Decoded(decoded.Id, decoded.Target.ToString(), Encoding.UTF8.GetString(payload.WrittenSpan), decoded.OccurredAt);
        return true;
    }

    private readonly record struct Decoded(string? Id, string Target, string Payload, DateTimeOffset? OccurredAt);
}
