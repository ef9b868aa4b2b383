namespace Push.TestKit.Processes;

/// <summary>What a program printed, on either stream.</summary>
public sealed class ProcessLog
{
    // A run at Debug level prints tens of thousands of lines; this bounds a program that runs wild.
    private const int Capacity = 500_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Found)> _waiters = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The last lines, for the message of a failure.</summary>
    public string Tail(int count = 40) => string.Join(Environment.NewLine, Lines.TakeLast(count));

    /// <summary>The first line, printed already or yet to come, that <paramref name="isIt"/> accepts.</summary>
    public async Task<string> FindAsync(Func<string, bool> isIt, TimeSpan limit, string phase)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lines.FirstOrDefault(isIt) is { } line)
            {
                return line;
            }

            _waiters.Add((isIt, found));
        }

        return await found.Task.WithinAsync(limit, phase);
    }

    internal void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_lines.Count == Capacity)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
            foreach (var (_, found) in _waiters.Where(waiter => waiter.IsIt(line)))
            {
                found.TrySetResult(line);
            }

            _waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
        }
    }
}
