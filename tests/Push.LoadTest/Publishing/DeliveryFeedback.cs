using System.Buffers.Binary;
using System.Net.Sockets;
using Push.LoadTest.Subscribing;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Publishing;

/// <summary>Hears from the subscriber processes which messages have reached all of their connections.</summary>
internal sealed class DeliveryFeedback : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Waiting[] _lanes = [.. Enumerable.Range(0, Stamp.MaxLanes).Select(_ => new Waiting())];
    private readonly CancellationTokenSource _stop = new();
    private readonly int _processes;
    private readonly Task _listening;

    public DeliveryFeedback(string path, int processes)
    {
        _processes = processes;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _listening = ListenAsync();
    }

    /// <summary>Completes when every subscriber has the message. Ask before publishing it.</summary>
    /// <exception cref="TimeoutException">Somebody has not got it within 10 s.</exception>
    public Task DeliveredAsync(int lane, int sequence)
    {
        var waiting = _lanes[lane];
        lock (waiting)
        {
            waiting.Sequence = sequence;
            waiting.Missing = _processes;
            waiting.Delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiting.Delivered.Task.WaitAsync(Deadline);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        var datagram = new byte[CompletionFeedback.DatagramBytes];
        while (true)
        {
            await _socket.ReceiveAsync(datagram, _stop.Token);
            var waiting = _lanes[BinaryPrimitives.ReadInt32LittleEndian(datagram)];
            lock (waiting)
            {
                if (BinaryPrimitives.ReadInt32LittleEndian(datagram.AsSpan(4)) == waiting.Sequence && --waiting.Missing == 0)
                {
                    waiting.Delivered?.TrySetResult();
                }
            }
        }
    }

    private sealed class Waiting
    {
        public int Sequence { get; set; } = -1;

        public int Missing { get; set; }

        public TaskCompletionSource? Delivered { get; set; }
    }
}
