using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace Push.TestKit.Network;

/// <summary>
/// Forwards what a broker sends, frame by frame, and holds deliveries back for a while (<c>basic.deliver</c> with its content: AMQP 0.9.1, section 4.2): a
/// broker that answers at once and is slow with what it holds. Each channel keeps its order.
/// </summary>
internal sealed class AmqpDelay(Func<TimeSpan> delay) : IDisposable
{
    private const int HeaderLength = 7;
    private const int MethodFrame = 1;
    private const uint Deliver = (60 << 16) | 60;

    private readonly Dictionary<int, long> _dueByChannel = [];
    private readonly PriorityQueue<byte[], (long Due, long Number)> _waiting = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Lock _lock = new();
    private long _number;

    public async Task PumpAsync(Socket from, Socket to, Func<Task> mayPass)
    {
        using var end = new CancellationTokenSource();
        var writing = WriteAsync(to, mayPass, end.Token);
        try
        {
            var header = new byte[HeaderLength];
            while (await ReadAsync(from, header))
            {
                var frame = new byte[HeaderLength + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
                header.CopyTo(frame, 0);
                if (!await ReadAsync(from, frame.AsMemory(HeaderLength)))
                {
                    return;
                }

                Enqueue(frame);
                if (writing.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A side is gone: the link's concern.
        }
        finally
        {
            await end.CancelAsync();
            await writing;
        }
    }

    public void Dispose() => _changed.Dispose();

    private void Enqueue(byte[] frame)
    {
        var channel = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(1));
        var isDelivery = frame[0] == MethodFrame && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(HeaderLength)) == Deliver;
        lock (_lock)
        {
            var due = Stopwatch.GetTimestamp() + (isDelivery ? (long)(delay().TotalSeconds * Stopwatch.Frequency) : 0);
            due = Math.Max(due, _dueByChannel.GetValueOrDefault(channel));
            _dueByChannel[channel] = due;
            _waiting.Enqueue(frame, (due, _number++));
        }

        _changed.Release();
    }

    private async Task WriteAsync(Socket to, Func<Task> mayPass, CancellationToken end)
    {
        try
        {
            while (true)
            {
                byte[]? frame = null;
                var wait = Timeout.InfiniteTimeSpan;
                lock (_lock)
                {
                    if (_waiting.TryPeek(out _, out var next))
                    {
                        wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next.Due);
                        frame = wait <= TimeSpan.Zero ? _waiting.Dequeue() : null;
                    }
                }

                if (frame is null)
                {
                    await _changed.WaitAsync(wait < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : wait + TimeSpan.FromMilliseconds(1), end);
                    continue;
                }

                await mayPass();
                for (var sent = 0; sent < frame.Length;)
                {
                    sent += await to.SendAsync(frame.AsMemory(sent), end);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The pump or the link has ended.
        }
    }

    private static async Task<bool> ReadAsync(Socket from, Memory<byte> bytes)
    {
        for (var read = 0; read < bytes.Length;)
        {
            var count = await from.ReceiveAsync(bytes[read..]);
            if (count == 0)
            {
                return false;
            }

            read += count;
        }

        return true;
    }
}
