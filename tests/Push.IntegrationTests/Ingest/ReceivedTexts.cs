using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;
using Push.Edge.Connections;
using Push.Edge.Transports;
using Push.TestKit;
using Push.TestKit.Clients;

namespace Push.IntegrationTests.Ingest;

/// <summary>A client that reads at once and answers pings, and the texts that it has received.</summary>
internal sealed class ReceivedTexts : IConnectionTransport
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private readonly Channel<string> _texts = Channel.CreateUnbounded<string>();

    /// <summary>Its connection, once it is open.</summary>
    public Connection? Connection { get; set; }

    public Task<string> NextAsync(string phase) => _texts.Reader.ReadAsync().AsTask().WithinAsync(Limit, phase);

    /// <summary>What has come since the last call, without waiting.</summary>
    public IEnumerable<string> TakeReceived()
    {
        while (_texts.Reader.TryRead(out var text))
        {
            yield return text;
        }
    }

    public async Task<List<string>> TakeAsync(int count, string phase)
    {
        var texts = new List<string>(count);
        while (texts.Count < count)
        {
            texts.Add(await NextAsync($"{phase}, {texts.Count} of {count} received"));
        }

        return texts;
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        var taken = bytes.Length;
        while (!bytes.IsEmpty)
        {
            // An unmasked frame, its length in one, three or nine bytes (RFC 6455, section 5.2).
            var (header, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
                var shortLength => (2, shortLength),
            };
            if (bytes[0] == (0x80 | ClientFrames.Text))
            {
                _texts.Writer.TryWrite(Encoding.UTF8.GetString(bytes.Slice(header, length)));
            }
            else if (Connection is { } connection)
            {
                connection.UnansweredPings = 0;
            }

            bytes = bytes[(header + length)..];
        }

        return taken;
    }

    public void AwaitRoom(bool awaits)
    {
    }

    public void End()
    {
    }

    public void Abort()
    {
    }
}
