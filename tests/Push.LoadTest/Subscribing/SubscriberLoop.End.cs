using Push.LoadTest.Native;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

internal sealed partial class SubscriberLoop
{
    private const int NoCloseFrame = 1006;

    private readonly Dictionary<int, int> _closes = [];
    private readonly Random _choice = new(1);
    private double _churnPerSecond;
    private bool _churnResets;
    private long _churnSince;
    private long _churned;

    // The server has ended it.
    private void Ended(SubscriberConnection connection)
    {
        var code = connection.CloseCode == 0 ? NoCloseFrame : connection.CloseCode;
        var joined = connection.State == SubscriberState.Joined;
        Close(connection);
        if (joined)
        {
            _open--;
            _closes[code] = _closes.GetValueOrDefault(code) + 1;
        }
        else
        {
            Refused($"closed with {code} before it was joined");
        }
    }

    private static void Close(SubscriberConnection connection)
    {
        connection.Socket.Close();
        connection.State = SubscriberState.Closed;
    }

    private void StartChurn(double perSecond, bool resets)
    {
        _churnResets = resets;
        _churnPerSecond = perSecond;
        _churnSince = MonotonicClock.Now;
        _churned = 0;
    }

    private void Churn()
    {
        var due = (long)(_churnPerSecond * MonotonicClock.Seconds(MonotonicClock.Now - _churnSince));
        for (; _churnPerSecond > 0 && _churned < due; _churned++)
        {
            var index = _choice.Next(_connections.Length);
            var old = _connections[index];
            if (old is not { State: SubscriberState.Joined, Stalling: false })
            {
                continue;
            }

            // Half of them say goodbye, half just vanish, as phones do.
            if (_churnResets)
            {
                old.Socket.ResetOnClose();
            }
            else if (_churned % 2 == 0)
            {
                _ = old.Socket.Send(ClientFrame.NormalClose);
            }

            Close(old);
            _open--;
            _replaced++;
            _connections[index] = new SubscriberConnection(index, old.Room, old.RoomName, stalling: false);
            _deliveries.Ledger.Restart(index);
            Open(_connections[index]);
        }
    }

    private void CloseAll()
    {
        foreach (var connection in _connections.Where(c => c is { State: not SubscriberState.Closed, Socket.Descriptor: > 0 }))
        {
            _ = connection.Socket.Send(ClientFrame.NormalClose);
            Close(connection);
        }
    }
}
