using System.Buffers;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Push.Edge.Transports.WebSockets;
using Xunit;
using static Push.TestKit.Clients.ClientFrames;

namespace Push.UnitTests.Transports;

/// <summary>The reader of a connection that has negotiated permessage-deflate.</summary>
public sealed class CompressedMessageTests
{
    private const int MaxMessageBytes = 4096;
    private const byte CompressedText = 0x40 | Text;
    private const byte CompressedBinary = 0x40 | Binary;

    /// <summary>RFC 7692, section 7.2.3: payloads that say "Hello".</summary>
    public static TheoryData<string, byte[]> Hellos { get; } = new()
    {
        { "one block", [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00] },
        { "no compression", [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00] },
        { "a final block", [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00] },
        { "two blocks", [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00] },
    };

    [Theory]
    [MemberData(nameof(Hellos))]
    public void The_standards_examples_are_read(string example, byte[] payload)
    {
        Assert.NotEmpty(example);
        Assert.Equal(["Data"], ReadAll(Frame(CompressedText, payload)));
        for (var split = 1; split < payload.Length; split++)
        {
            Assert.Equal(
                ["Data", "Pong", "Data"],
                ReadAll([.. Frame(CompressedText, payload.AsSpan(0, split), final: false), .. Frame(Pong, ""), .. Frame(Continuation, payload.AsSpan(split))]));
        }
    }

    [Fact]
    public void Messages_need_not_be_compressed() =>
        Assert.Equal(["Data", "Data", "Data"], ReadAll([.. Frame(Text, "plain"), .. Frame(CompressedText, Deflate("compressed"u8)), .. Frame(Text, "plain")]));

    [Fact]
    public void An_empty_message_is_a_single_byte() => Assert.Equal(["Data"], ReadAll(Frame(CompressedText, [0x00])));

    [Fact]
    public void Text_is_checked_once_it_is_inflated()
    {
        var euro = "€"u8;
        byte[] cut = [.. "cut short: "u8, .. euro[..2]];
        Assert.Equal(["Violation 1007"], ReadAll(Frame(CompressedText, Deflate(cut))));
        Assert.Equal(["Violation 1007"], ReadAll(Frame(CompressedText, Deflate([0xC3, 0x28]))));
        Assert.Equal(["Data"], ReadAll(Frame(CompressedBinary, Deflate(cut))));

        // A character that two reads of the inflated text share.
        Assert.Equal(["Data"], ReadAll(Frame(CompressedText, Deflate(Encoding.UTF8.GetBytes("x" + new string('€', 1000))))));
    }

    [Fact]
    public void The_bit_belongs_to_the_first_frame_of_a_data_message()
    {
        var payload = Deflate("hello"u8);
        Assert.Equal(["Violation 1002"], ReadAll(Frame(0x40 | Ping, "")));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(0x40 | Close, "")));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(0x40 | Continuation, payload)));
        Assert.Equal(["Data", "Violation 1002"], ReadAll([.. Frame(CompressedText, payload, final: false), .. Frame(0x40 | Continuation, "")]));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(0x20 | Text, payload)));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(0x60 | Text, payload)));
        Assert.Equal(["Violation 1002"], ReadAll(Frame(CompressedText, payload), mayCompress: false));
    }

    [Fact]
    public void A_message_may_be_as_long_as_the_limit_once_it_is_inflated()
    {
        Assert.Equal(["Data"], ReadAll(Frame(CompressedText, Deflate(new byte[MaxMessageBytes]))));
        Assert.Equal(["Violation 1009"], ReadAll(Frame(CompressedText, Deflate(new byte[MaxMessageBytes + 1]))));
    }

    [Fact]
    public void A_bomb_is_inflated_no_further_than_the_limit()
    {
        var bomb = Frame(CompressedBinary, Deflate(new byte[3_900_000]));
        Assert.InRange(bomb.Length, 3000, MaxMessageBytes);
        ReadAll(bomb);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(["Violation 1009"], ReadAll(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024);
    }

    [Fact]
    public void Fragments_without_end_are_bounded_by_their_own_bytes()
    {
        var fragments = Frame(CompressedText, [0x00], final: false).Concat(Enumerable.Repeat(Frame(Continuation, "0123456789", final: false), 1000).SelectMany(frame => frame));

        var found = ReadAll([.. fragments]);

        Assert.Equal("Violation 1009", found[^1]);
        Assert.Equal(1 + (MaxMessageBytes / 10) + 1, found.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x06 })] // a block of the reserved type
    [InlineData(new byte[] { 0x00, 0x05, 0x00, 0x00, 0x00 })] // a length without its complement
    [InlineData(new byte[] { 0x02, 0x08, 0x00, 0x00 })] // reaches back before the start
    public void Corrupt_data_is_refused(byte[] payload) => Assert.Equal(["Violation 1007"], ReadAll(Frame(CompressedText, payload)));

    [Fact]
    public void What_is_found_does_not_depend_on_how_the_bytes_arrive()
    {
        var payload = Gen.OneOf(
            Gen.String[0, 200].Select(text => Deflate(Encoding.UTF8.GetBytes(text))),
            Gen.Byte.Array[0, 300].Select(bytes => Deflate(bytes)),
            Gen.Int[0, 100_000].Select(length => Deflate(new byte[length])),
            Gen.Byte.Array[0, 60]);
        var frame = Gen.Select(Gen.OneOf(Continuation, Text, CompressedText, CompressedBinary, Ping), payload, Gen.Bool, (opcode, bytes, final) => Frame(opcode, bytes, final));
        Gen.Select(frame.Array[1, 8], Pieces.Lengths).Sample((frames, lengths) =>
        {
            var bytes = frames.SelectMany(part => part).ToArray();
            Assert.Equal(ReadAll(bytes), ReadAll(bytes, mayCompress: true, lengths));
        });
    }

    private static byte[] Deflate(ReadOnlySpan<byte> bytes)
    {
        using var compressed = new MemoryStream();
        using var deflate = new DeflateStream(compressed, CompressionLevel.Optimal);
        deflate.Write(bytes);
        deflate.Flush();
        return bytes.IsEmpty ? [0x00] : compressed.ToArray()[..^4];
    }

    private static List<string> ReadAll(byte[] bytes, bool mayCompress = true, params int[] lengths)
    {
        var reader = new ClientFrameReader(MaxMessageBytes, mayCompress);
        var found = new List<string>();
        Span<byte> control = stackalloc byte[125];
        var consumed = 0L;
        foreach (var end in lengths.Ends(bytes.Length))
        {
            var buffer = Pieces.Segments(bytes.AsMemory((int)consumed, end - (int)consumed), lengths);
            while (true)
            {
                var before = buffer.Length;
                var frame = reader.Read(ref buffer, control);
                if (frame.Kind == ClientFrameKind.Incomplete)
                {
                    break;
                }

                found.Add(frame.Answer is { } answer ? $"{frame.Kind} {answer.Code}" : frame.Kind.ToString());
                if (frame.Answer is not null)
                {
                    return found;
                }

                consumed += before - buffer.Length;
            }
        }

        return found;
    }
}
