using System.Runtime.InteropServices;
using Push.Edge.Transports.Sockets;

namespace Push.Edge.Fanout;

/// <summary>One thing that another thread wants of a loop: a publication to hand over, or anything else as a command.</summary>
internal readonly record struct Mail(EncodedPublication? Publication, Action<EventLoop>? Command);

/// <summary>
/// The only door into a loop. Two lists that change places: posting appends under a short lock, the loop takes all at once and reads without one. A loop
/// that is awake is not woken: the system call is for one that sleeps. Publications are bounded by bytes, and who posts beyond that waits.
/// </summary>
internal sealed class Mailbox(IPoller poller, int maxBacklog)
{
    private readonly object _gate = new();
    private List<Mail> _incoming = [];
    private List<Mail> _taken = [];
    private long _backlog;
    private int _waiting;
    private bool _isAsleep;
    private bool _isClosed;

    /// <summary>What publications that are not handed over yet count as, in bytes.</summary>
    public long Backlog => Volatile.Read(ref _backlog);

    /// <summary>From any thread but the loop's. Waits while the loop is too far behind; a closed mailbox drops it.</summary>
    public void Publish(EncodedPublication publication)
    {
        bool wakes;
        lock (_gate)
        {
            if (_backlog >= maxBacklog)
            {
                AwaitSpace();
            }

            if (_isClosed)
            {
                return;
            }

            publication.Stamp.Trace?.AddHolder();
            _backlog += publication.Cost;
            wakes = Add(new Mail(publication, null));
        }

        Wake(wakes);
    }

    /// <summary>From any thread. Never waits. False where the loop has ended: nobody will read it.</summary>
    public bool Post(Action<EventLoop> command)
    {
        bool wakes;
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            wakes = Add(new Mail(null, command));
        }

        Wake(wakes);
        return true;
    }

    /// <summary>The loop is about to wait: from here on posting wakes it. False where something has come meanwhile.</summary>
    public bool TrySleep()
    {
        lock (_gate)
        {
            return _isAsleep = _incoming.Count == 0;
        }
    }

    /// <summary>What has come since the last call; valid until the next one.</summary>
    public ReadOnlySpan<Mail> Take()
    {
        _taken.Clear();
        lock (_gate)
        {
            _isAsleep = false;
            (_incoming, _taken) = (_taken, _incoming);
        }

        return CollectionsMarshal.AsSpan(_taken);
    }

    /// <summary>The loop has handed over, or dropped, publications that counted as so many bytes.</summary>
    public void Release(int cost)
    {
        lock (_gate)
        {
            _backlog -= cost;
            if (_waiting > 0 && _backlog <= maxBacklog / 2)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The loop ends: whoever waits goes on, and nothing is taken any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Waits until half is free, not just a frame: else reader and loop would hand the processor back and forth for each. A loop that stands still ends the
    // process (LoopWatchdog), so that the wait is bounded.
    private void AwaitSpace()
    {
        _waiting++;
        while (_backlog > maxBacklog / 2 && !_isClosed)
        {
            Monitor.Wait(_gate);
        }

        _waiting--;
    }

    private bool Add(in Mail mail)
    {
        _incoming.Add(mail);
        var wakes = _isAsleep;
        _isAsleep = false;
        return wakes;
    }

    private void Wake(bool wakes)
    {
        if (wakes)
        {
            poller.Wake();
        }
    }
}
