using System.Text;
using Push.Edge.Telemetry;

namespace Push.Edge.Ingest;

/// <summary>Counts publications that can't be delivered, and shows the beginning of one now and then.</summary>
internal sealed partial class MalformedLog(TimeProvider time, ILogger<MalformedLog> logger)
{
    private const int ShownBytes = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private long? _logged;
    private long _count;
    private long _unlogged;

    public long Count => Volatile.Read(ref _count);

    /// <summary>The reader goes on behind it: the record stays in the stream for whoever looks for it.</summary>
    public PublicationOutcome SetAside(string reason, ReadOnlySpan<byte> content)
    {
        _count++;
        if (_logged is { } logged && time.GetElapsedTime(logged) < Pause)
        {
            _unlogged++;
            return PublicationOutcome.Malformed;
        }

        LogSetAside(reason, content.Length, Sanitize(content[..Math.Min(ShownBytes, content.Length)]), _unlogged);
        _logged = time.GetTimestamp();
        _unlogged = 0;
        return PublicationOutcome.Malformed;
    }

    /// <summary>Visible ASCII alone: a log line can't be forged, nor a terminal driven.</summary>
    private static string Sanitize(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '.');
        }

        return text.ToString();
    }

    [LoggerMessage(EventIds.PublicationSetAside, LogLevel.Warning, "Set aside a publication: {Reason} ({Bytes} bytes, beginning {Beginning}); {Unlogged} more since the last one shown")]
    private partial void LogSetAside(string reason, int bytes, string beginning, long unlogged);
}
