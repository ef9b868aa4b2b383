using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Push.Edge.Protocols;
using Push.Messaging;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Messaging;

/// <summary>The examples of docs/protocol.md are a contract with publishers in any language.</summary>
public sealed partial class ProtocolDocumentTests
{
    [Fact]
    public void Every_example_is_delivered_as_the_document_says()
    {
        var examples = Examples().Matches(File.ReadAllText(Path.Combine(SolutionFolder.Root, "docs", "protocol.md")));
        Assert.Equal(5, examples.Count);
        Assert.All(examples, example =>
        {
            var payload = new ArrayBufferWriter<byte>();
            Assert.True(PublicationDecoder.TryDecode(Encoding.UTF8.GetBytes(example.Groups["body"].Value), PublicationForm.Record, out var push, out var error), error);
            PlainPayload.Write(push.Message, payload);
            Assert.Equal(example.Groups["target"].Value, push.Target.ToString());
            Assert.Equal(example.Groups["payload"].Value, Encoding.UTF8.GetString(payload.WrittenSpan));
        });
    }

    [GeneratedRegex("""```json\n(?<body>.+?)\n```\n\ndelivers `(?<payload>[^`]+)` to `(?<target>[^`]+)`""", RegexOptions.Singleline)]
    private static partial Regex Examples();
}
