using System.ComponentModel;
using System.Text;
using Push.LoadTest.Native;
using Push.LoadTest.Results;

namespace Push.LoadTest.Subscribing;

internal sealed partial class SubscriberLoop
{
    // Small, so that a connection that stops reading fills the server's side and not the generator's.
    private const int StallingReceiveBuffer = 8 * 1024;

    private readonly Latencies _connectTimes = new();
    private long _connectingSince;
    private double _connectSeconds;
    private int _opened;
    private int _connecting;
    private int _open;
    private int _refused;
    private string? _firstRefusal;

    private void OpenMore()
    {
        while (_opened < _connections.Length && _connecting < _plan.ConnectWindow)
        {
            Open(_connections[_opened++]);
        }
    }

    private void Open(SubscriberConnection connection)
    {
        connection.StartedAt = MonotonicClock.Now;
        connection.State = SubscriberState.Connecting;
        _connecting++;
        try
        {
            connection.Socket = RawSocket.Connect(
                _endPoints[connection.Index % _endPoints.Length], _source, connection.Stalling ? StallingReceiveBuffer : 0);

            // Over loopback a connection is there when connect() returns: the request need not wait for an event.
            var isSent = TryRequest(connection);
            _poller.Watch(connection.Socket, isSent ? Poller.Readable : Poller.Writable, connection.Index);
        }
        catch (Win32Exception e)
        {
            connection.State = SubscriberState.Closed;
            Refused(e.Message);
        }
    }

    private void Upgrade(SubscriberConnection connection, bool writable)
    {
        var error = connection.Socket.ConnectError();
        if (error != 0 || !writable)
        {
            Close(connection);
            Refused(new Win32Exception(error).Message);
            return;
        }

        _poller.Change(connection.Socket, Poller.Readable, connection.Index);
        if (!TryRequest(connection))
        {
            Close(connection);
            Refused("the connection broke before its request was sent");
        }
    }

    private bool TryRequest(SubscriberConnection connection)
    {
        var path = _plan.Path
            .Replace("{room}", connection.RoomName, StringComparison.Ordinal)
            .Replace("{token}", _tokens.Length == 0 ? "" : _tokens[(_plan.TokenOffset + connection.Index) % _tokens.Length], StringComparison.Ordinal);
        var endPoint = _endPoints[connection.Index % _endPoints.Length];
        var request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {endPoint}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZC10ZXN0LWtleS0xNg==\r\n\r\n");
        if (connection.Socket.Send(request) < 0)
        {
            return false;
        }

        connection.State = SubscriberState.Upgrading;
        return true;
    }

    // True when the connection is upgraded; bytes then begin with the first frame.
    private bool TryTakeUpgrade(SubscriberConnection connection, ref Span<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            connection.KeepRest(bytes);
            return false;
        }

        if (!bytes.StartsWith("HTTP/1.1 101"u8))
        {
            Close(connection);
            Refused(Encoding.ASCII.GetString(bytes[..bytes.IndexOf("\r\n"u8)]));
            return false;
        }

        bytes = bytes[(end + 4)..];
        var greeting = _protocol.Greeting(connection);
        if (greeting.Length == 0)
        {
            connection.State = SubscriberState.Joined;
            Joined(connection);
        }
        else
        {
            connection.State = SubscriberState.Joining;
            _ = connection.Socket.Send(greeting);
        }

        return true;
    }

    private void Joined(SubscriberConnection connection)
    {
        _open++;
        _connectTimes.Record(MonotonicClock.Now - connection.StartedAt);
        Settled();
    }

    private void Refused(string reason)
    {
        _refused++;
        _firstRefusal ??= reason;
        Settled();
    }

    private void Settled()
    {
        _connecting--;
        if (_connectSeconds == 0 && _open + _refused == _connections.Length)
        {
            _connectSeconds = MonotonicClock.Seconds(MonotonicClock.Now - _connectingSince);
            Report(SubscriberReportKind.Connected);
        }
    }
}
