namespace Push.TestKit.Network;

/// <summary>Lets bytes pass, or holds whoever wants to pass until it is opened again.</summary>
internal sealed class FlowGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _open = Opened();

    public Task WhenOpenAsync() => _open.Task;

    public void Open() => _open.TrySetResult();

    public void Close()
    {
        lock (_gate)
        {
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
