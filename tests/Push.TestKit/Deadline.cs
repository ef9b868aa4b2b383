namespace Push.TestKit;

/// <summary>Bounded waits whose failure names the phase that did not come to its end.</summary>
public static class Deadline
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);

    public static async Task WithinAsync(this Task task, TimeSpan limit, string phase)
    {
        ArgumentNullException.ThrowIfNull(task);
        try
        {
            await task.WaitAsync(limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw Missed(limit, phase);
        }
    }

    public static async Task<T> WithinAsync<T>(this Task<T> task, TimeSpan limit, string phase)
    {
        await ((Task)task).WithinAsync(limit, phase);
        return await task;
    }

    /// <summary>Asks again and again: only for what cannot tell by itself, such as another process.</summary>
    public static Task UntilAsync(Func<CancellationToken, Task<bool>> isReached, TimeSpan limit, string phase, CancellationToken cancellationToken = default) =>
        UntilAsync(isReached, limit, phase, describe: null, cancellationToken);

    /// <inheritdoc cref="UntilAsync(Func{CancellationToken, Task{bool}}, TimeSpan, string, CancellationToken)"/>
    /// <param name="isReached">What is waited for.</param>
    /// <param name="limit">How long.</param>
    /// <param name="phase">Names it in the failure.</param>
    /// <param name="describe">Says in the failure what there is instead.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task UntilAsync(
        Func<CancellationToken, Task<bool>> isReached, TimeSpan limit, string phase, Func<Task<string>>? describe, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(isReached);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        using var timer = new PeriodicTimer(ProbeInterval);
        try
        {
            while (!await isReached(deadline.Token))
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Missed(limit, describe is null ? phase : $"{phase} ({await describe()})");
        }
    }

    private static TimeoutException Missed(TimeSpan limit, string phase) => new($"{phase}: not within {limit.TotalSeconds:0.#} s");
}
