using System.Buffers;
using System.IO.Pipelines;

namespace Push.Edge.Transports;

/// <summary>Writes through a pipe: for TLS, where the socket's bytes are not ours to write, for upgraded HTTP requests, and where there is no epoll.</summary>
/// <remarks>A pipe takes whatever it is given; it counts as full while its flush has not completed.</remarks>
/// <param name="abort">Cuts the server's connection.</param>
/// <param name="pipe">The server's; null where it comes later, with <see cref="Begin"/>: until then everything waits.</param>
internal sealed class PipeTransport(Action abort, IDuplexPipe? pipe = null) : IConnectionTransport
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IDuplexPipe? _pipe = pipe;
    private Task _flushing = Task.CompletedTask;
    private volatile bool _isFlushing;
    private volatile bool _isGone;

    /// <summary>Called on any thread once there is room again.</summary>
    public Action? HasRoom { get; set; }

    public PipeReader Input => _pipe!.Input;

    /// <summary>The loop will not use it any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The server has written the response: from here on bytes may follow it. Called on any thread.</summary>
    public void Begin(IDuplexPipe pipe)
    {
        Volatile.Write(ref _pipe, pipe);
        HasRoom?.Invoke();
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        if (_isGone || _ended.Task.IsCompleted)
        {
            return -1;
        }

        if (Volatile.Read(ref _pipe) is not { } pipe || _isFlushing)
        {
            return 0;
        }

        try
        {
            pipe.Output.Write(bytes);
            var flush = pipe.Output.FlushAsync();
            if (flush.IsCompleted)
            {
                return flush.GetAwaiter().GetResult().IsCompleted ? -1 : bytes.Length;
            }

            _isFlushing = true;
            _flushing = FlushAsync(flush.AsTask());
            return bytes.Length;
        }
        catch (Exception e) when (IsGone(e))
        {
            return -1;
        }
    }

    public void AwaitRoom(bool awaits)
    {
        // Every flush that had to wait says when it is done.
    }

    public void End()
    {
        _ended.TrySetResult();
        CancelRead();
    }

    public void Abort()
    {
        _ended.TrySetResult();
        try
        {
            abort();
        }
        catch (Exception e) when (IsGone(e))
        {
            // The request has ended: there is nothing left to cut.
        }

        CancelRead();
    }

    /// <summary>Returns when the pipe has taken the last write: its owner may take it down. Comes after <see cref="Ended"/>.</summary>
    public async Task SettleAsync()
    {
        try
        {
            await _flushing.WaitAsync(IConnectionTransport.FlushTimeout);
        }
        catch (TimeoutException)
        {
            // The abort ends the write.
            Abort();
            await _flushing;
        }
    }

    private async Task FlushAsync(Task<FlushResult> flush)
    {
        try
        {
            _isGone = (await flush).IsCompleted;
        }
        catch (Exception e) when (IsGone(e))
        {
            _isGone = true;
        }

        _isFlushing = false;
        HasRoom?.Invoke();
    }

    private void CancelRead() => Volatile.Read(ref _pipe)?.Input.CancelPendingRead();

    /// <summary>What a pipe throws once its connection is gone. InvalidOperationException: the server has completed it already.</summary>
    public static bool IsGone(Exception e) =>
        e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
