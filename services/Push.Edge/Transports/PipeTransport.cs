using System.Buffers;
using System.IO.Pipelines;

namespace Push.Edge.Transports;

/// <summary>Writes through a pipe: for TLS, where the socket's bytes are not ours to write, and for upgraded HTTP requests.</summary>
/// <remarks>A pipe takes whatever it is given; it counts as full while its flush has not completed.</remarks>
internal sealed class PipeTransport(IDuplexPipe transport, Action abort) : IConnectionTransport
{
    private readonly Lock _starting = new();
    private Task<FlushResult>? _flush;
    private bool _isSettled;

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        lock (_starting)
        {
            if (_flush is { IsCompleted: false })
            {
                return true;
            }

            if (_isSettled || _flush is { IsFaulted: true } or { IsCanceled: true })
            {
                return false;
            }

            try
            {
                transport.Output.Write(bytes);
                taken = bytes.Length;
                return !IsOver(transport.Output.FlushAsync());
            }
            catch (Exception e) when (IsGone(e))
            {
                return false;
            }
        }
    }

    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (_flush is { } earlier && (await earlier).IsCompleted)
            {
                return false;
            }

            Task<FlushResult>? flush;
            lock (_starting)
            {
                if (_isSettled || IsOver(transport.Output.WriteAsync(bytes)))
                {
                    return false;
                }

                flush = _flush;
            }

            return flush is null || !(await flush).IsCompleted;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
    }

    public void End() => transport.Input.CancelPendingRead();

    public void Abort()
    {
        try
        {
            abort();
        }
        catch (Exception e) when (IsGone(e))
        {
            // The request has ended: there is nothing left to cut.
        }
    }

    public async ValueTask SettleAsync()
    {
        Task<FlushResult>? pending;
        lock (_starting)
        {
            _isSettled = true;
            pending = _flush;
        }

        if (pending is null)
        {
            return;
        }

        try
        {
            await pending.WaitAsync(IConnectionTransport.FlushTimeout);
        }
        catch (TimeoutException)
        {
            // The abort ends the write.
            Abort();
            await pending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        catch (Exception e) when (IsGone(e))
        {
            // It has ended.
        }
    }

    // InvalidOperationException: the server has completed the pipe already.
    private static bool IsGone(Exception e) => e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    /// <summary>Remembers a flush that goes on. True where the peer is known to be gone.</summary>
    private bool IsOver(ValueTask<FlushResult> flush)
    {
        _flush = flush.IsCompleted ? null : flush.AsTask();
        return _flush is null && flush.GetAwaiter().GetResult().IsCompleted;
    }
}
