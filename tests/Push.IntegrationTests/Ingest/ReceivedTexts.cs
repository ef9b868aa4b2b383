using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;
using Push.Edge.Transports;
using Push.TestKit;

namespace Push.IntegrationTests.Ingest;

/// <summary>A connection's transport that reads at once, and the texts that came through it.</summary>
internal sealed class ReceivedTexts : IConnectionTransport
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private readonly Channel<string> _texts = Channel.CreateUnbounded<string>();

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

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = bytes.Length;
        while (!bytes.IsEmpty)
        {
            // An unmasked frame, its length in one, three or nine bytes (RFC 6455, section 5.2).
            var (header, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
                var shortLength => (2, shortLength),
            };
            _texts.Writer.TryWrite(Encoding.UTF8.GetString(bytes.Slice(header, length)));
            bytes = bytes[(header + length)..];
        }

        return true;
    }

    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes) => ValueTask.FromResult(TryWrite(bytes.Span, out _));

    public void End()
    {
    }

    public void Abort()
    {
    }
}
