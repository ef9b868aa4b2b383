using System.Buffers;
using System.IO.Pipelines;

namespace Push.Edge.Connections;

/// <summary>Writes through a pipe: for TLS, where the socket's bytes are not ours to write, and for upgraded HTTP requests.</summary>
/// <remarks>A pipe takes whatever it is given; it counts as full while its flush has not completed.</remarks>
internal sealed class PipeSink(IDuplexPipe transport, Action abort) : IConnectionSink
{
    private Task<FlushResult>? _flush;

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        if (_flush is { IsCompleted: false })
        {
            return true;
        }

        try
        {
            if (_flush is { IsFaulted: true } or { IsCanceled: true })
            {
                return false;
            }

            transport.Output.Write(bytes);
            var flush = transport.Output.FlushAsync();
            taken = bytes.Length;
            if (!flush.IsCompleted)
            {
                _flush = flush.AsTask();
                return true;
            }

            _flush = null;
            return !flush.GetAwaiter().GetResult().IsCompleted;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
    }

    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (_flush is { } pending)
            {
                await pending;
                _flush = null;
            }

            return !(await transport.Output.WriteAsync(bytes)).IsCompleted;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
    }

    public void End() => transport.Input.CancelPendingRead();

    public void Abort() => abort();

    // InvalidOperationException: the server has completed the pipe already.
    private static bool IsGone(Exception e) => e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
