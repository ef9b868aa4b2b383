using Push.LoadTest.Native;

namespace Push.LoadTest.Baseline;

/// <summary>One WebSocket, with what its socket would not take yet.</summary>
internal sealed class BaselineClient(int number, RawSocket socket)
{
    private byte[] _backlog = [];

    public int Number => number;

    public RawSocket Socket => socket;

    /// <summary>Null until it is upgraded.</summary>
    public BaselineRoom? Room { get; set; }

    /// <summary>True when the socket has to be watched for room from now on.</summary>
    public bool Send(ReadOnlySpan<byte> frames)
    {
        if (_backlog.Length > 0)
        {
            _backlog = [.. _backlog, .. frames];
            return false;
        }

        var taken = Math.Max(0, socket.Send(frames));
        if (taken == frames.Length)
        {
            return false;
        }

        _backlog = frames[taken..].ToArray();
        return true;
    }

    /// <summary>True when nothing is left.</summary>
    public bool Flush()
    {
        var taken = Math.Max(0, socket.Send(_backlog));
        _backlog = _backlog[taken..];
        return _backlog.Length == 0;
    }
}
