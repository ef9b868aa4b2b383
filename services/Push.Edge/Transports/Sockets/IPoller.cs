namespace Push.Edge.Transports.Sockets;

/// <summary>Where a loop waits. <see cref="Wake"/> may be called by any thread, the rest by the loop alone.</summary>
internal interface IPoller : IDisposable
{
    /// <summary>Waits for events, for <see cref="Wake"/>, or until the time is over. Returns how many events there are.</summary>
    int Wait(int milliseconds);

    /// <summary>An event of the last <see cref="Wait"/>: what was given when its descriptor was added, and what has happened to it.</summary>
    (ulong Key, uint Events) Event(int index);

    /// <summary>Ends the wait that is under way, or else the next one.</summary>
    void Wake();
}

/// <summary>For a loop without sockets of its own: it waits for mail and for time.</summary>
internal sealed class MailPoller : IPoller
{
    private readonly AutoResetEvent _mail = new(initialState: false);

    public int Wait(int milliseconds)
    {
        if (milliseconds > 0)
        {
            _mail.WaitOne(milliseconds);
        }

        return 0;
    }

    public (ulong Key, uint Events) Event(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    public void Wake() => _mail.Set();

    public void Dispose() => _mail.Dispose();
}
