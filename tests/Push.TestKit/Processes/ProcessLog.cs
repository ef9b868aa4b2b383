namespace Push.TestKit.Processes;

/// <summary>What a program printed, on either stream.</summary>
public sealed class ProcessLog
{
    // A run at Debug level prints tens of thousands of lines; this bounds a program that runs wild.
    private const int Capacity = 1_000_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

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
        }
    }
}
