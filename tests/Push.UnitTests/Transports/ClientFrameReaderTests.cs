using System.Buffers;
using System.Text;
using CsCheck;
using Push.Edge.Transports.WebSockets;
using Xunit;
using static Push.TestKit.Clients.ClientFrames;

namespace Push.UnitTests.Transports;

public sealed class ClientFrameReaderTests
{
    private const int MaxMessageBytes = 4096;

    [Fact]
    public void Data_and_pongs_need_no_answer() =>
        Assert.Equal(["Data", "Data", "Pong"], ReadAll([.. Frame(Text, "hello"), .. Frame(Binary, [0xFF, 0xFE]), .. Frame(Pong, "")]));

    [Theory]
    [InlineData("")]
    [InlineData("are you there")]
    public void A_ping_yields_its_payload(string payload) => Assert.Equal([$"Ping {payload}"], ReadAll(Frame(Ping, payload)));

    [Fact]
    public void A_control_frame_may_come_between_the_fragments_of_a_message() =>
        Assert.Equal(
            ["Data", "Ping now", "Data", "Data"],
            ReadAll([.. Frame(Text, "a", final: false), .. Frame(Ping, "now"), .. Frame(Continuation, "b", final: false), .. Frame(Continuation, "c")]));

    [Fact]
    public void A_character_may_be_split_between_fragments()
    {
        var euro = "€"u8;
        Assert.Equal(["Data", "Data"], ReadAll([.. Frame(Text, euro[..1], final: false), .. Frame(Continuation, euro[1..])]));
    }

    [Fact]
    public void An_unmasked_frame_is_a_protocol_error() => Assert.Equal(["Violation 1002"], ReadAll(Unmasked(Text, "hello"u8)));

    [Theory]
    [InlineData(0xC1)]
    [InlineData(0xA1)]
    [InlineData(0x91)]
    public void A_reserved_bit_is_a_protocol_error(byte first) => Assert.Equal(["Violation 1002"], ReadAll([first, 0x80, 1, 2, 3, 4]));

    [Theory]
    [InlineData(0x3)]
    [InlineData(0x7)]
    [InlineData(0xB)]
    [InlineData(0xF)]
    public void A_reserved_opcode_is_a_protocol_error(byte opcode) => Assert.Equal(["Violation 1002"], ReadAll(Frame(opcode, "")));

    [Theory]
    [InlineData(Close)]
    [InlineData(Ping)]
    [InlineData(Pong)]
    public void A_control_frame_is_whole_and_short(byte opcode)
    {
        Assert.Equal(["Violation 1002"], ReadAll(Frame(opcode, "", final: false)));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(opcode, new byte[126])));
    }

    [Fact]
    public void A_continuation_needs_a_message_to_continue() => Assert.Equal(["Violation 1002"], ReadAll(Frame(Continuation, "a")));

    [Fact]
    public void A_message_ends_before_the_next_one_starts() =>
        Assert.Equal(["Data", "Violation 1002"], ReadAll([.. Frame(Text, "a", final: false), .. Frame(Text, "b")]));

    [Fact]
    public void A_length_stands_in_its_shortest_form()
    {
        Assert.Equal(["Violation 1002"], ReadAll([0x82, 0xFE, 0, 125, 1, 2, 3, 4, .. new byte[125]]));
        Assert.Equal(["Violation 1002"], ReadAll([0x82, 0xFF, .. BigEndian(ushort.MaxValue), 1, 2, 3, 4]));
        Assert.Equal(["Violation 1002"], ReadAll([0x82, 0xFF, .. BigEndian(1UL << 63), 1, 2, 3, 4]));
    }

    [Theory]
    [InlineData(MaxMessageBytes + 1)]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    public void A_claim_of_too_many_bytes_is_refused_before_they_come(long length) => Assert.Equal(["Violation 1009"], ReadAll(Header(Binary, (ulong)length)));

    [Fact]
    public void A_message_may_be_as_long_as_the_limit_in_one_frame_or_several()
    {
        var half = new byte[MaxMessageBytes / 2];
        Assert.Equal(["Data"], ReadAll(Frame(Binary, new byte[MaxMessageBytes])));
        Assert.Equal(["Data", "Data"], ReadAll([.. Frame(Binary, half, final: false), .. Frame(Continuation, half)]));
        Assert.Equal(
            ["Data", "Data", "Violation 1009"],
            ReadAll([.. Frame(Binary, half, final: false), .. Frame(Continuation, half, final: false), .. Frame(Continuation, "x")]));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })] // overlong
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // a surrogate
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond Unicode
    [InlineData(new byte[] { 0xE2, 0x82 })] // unfinished
    public void Text_is_valid_utf8(byte[] text)
    {
        Assert.Equal(["Violation 1007"], ReadAll(Frame(Text, text)));
        Assert.Equal(["Data"], ReadAll(Frame(Binary, text)));
        Assert.Equal("Violation 1007", ReadAll([.. Frame(Text, text.AsSpan(0, 1), final: false), .. Frame(Continuation, text.AsSpan(1))])[^1]);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(4999)]
    public void A_close_is_answered_with_its_own_code(ushort code) => Assert.Equal([$"Close {code}"], ReadAll(CloseFrame(code, "bye")));

    [Fact]
    public void A_close_without_a_code_is_a_normal_one() => Assert.Equal(["Close 1000"], ReadAll(Frame(Close, "")));

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public void A_code_that_may_not_stand_in_a_frame_is_a_protocol_error(int code) => Assert.Equal(["Violation 1002"], ReadAll(CloseFrame((ushort)code)));

    [Fact]
    public void Half_a_code_is_a_protocol_error() => Assert.Equal(["Violation 1002"], ReadAll(Frame(Close, [3])));

    [Fact]
    public void The_reason_of_a_close_is_valid_utf8() => Assert.Equal(["Violation 1007"], ReadAll(Frame(Close, [3, 232, 0xFF])));

    [Fact]
    public void What_is_found_does_not_depend_on_how_the_bytes_arrive()
    {
        var text = Gen.OneOf(Gen.String.Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 300]);
        var frame = Gen.Select(
            Gen.OneOf(Continuation, Text, Binary, Close, Ping, Pong, (byte)0x3), text, Gen.Bool, Gen.Int[0, 20],
            (opcode, payload, final, oddity) => oddity switch
            {
                0 => payload,
                1 => Unmasked(opcode, payload.AsSpan(0, Math.Min(payload.Length, 125))),
                _ => Frame(opcode, payload, final),
            });
        Gen.Select(frame.Array[1, 8], Pieces.Lengths).Sample((frames, lengths) =>
        {
            var bytes = frames.SelectMany(part => part).ToArray();
            Assert.Equal(ReadAll(bytes), ReadAll(bytes, lengths));
        });
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] bytes = [.. Frame(Text, "sixteen bytes ok"), .. Frame(Ping, "ping"), .. Frame(Pong, "")];
        var reader = new ClientFrameReader(MaxMessageBytes);
        Span<byte> payload = stackalloc byte[125];
        var before = 0L;
        for (var round = 0; round < 100; round++)
        {
            if (round == 50)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            var buffer = new ReadOnlySequence<byte>(bytes);
            while (reader.Read(ref buffer, payload).Kind != ClientFrameKind.Incomplete)
            {
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Feeds the bytes piece by piece, each time with what is left of the earlier ones, as a pipe does.</summary>
    private static List<string> ReadAll(byte[] bytes, params int[] lengths)
    {
        var reader = new ClientFrameReader(MaxMessageBytes);
        var found = new List<string>();
        Span<byte> payload = stackalloc byte[125];
        var consumed = 0;
        foreach (var end in lengths.Ends(bytes.Length))
        {
            var buffer = Pieces.Segments(bytes.AsMemory(consumed, end - consumed), lengths);
            while (true)
            {
                var before = buffer.Length;
                var frame = reader.Read(ref buffer, payload);
                if (frame.Kind == ClientFrameKind.Incomplete)
                {
                    break;
                }

                found.Add(frame switch
                {
                    { Kind: ClientFrameKind.Ping } => $"Ping {Encoding.UTF8.GetString(payload[..frame.PayloadLength])}",
                    { Answer: { } answer } => $"{frame.Kind} {answer.Code}",
                    _ => frame.Kind.ToString(),
                });
                if (frame.Answer is not null)
                {
                    return found;
                }

                consumed += (int)(before - buffer.Length);
            }
        }

        return found;
    }
}
