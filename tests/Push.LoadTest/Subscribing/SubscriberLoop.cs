using System.Collections.Concurrent;
using System.Net;
using Push.LoadTest.Native;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

/// <summary>All connections of a subscriber process on one thread: opens them, reads them, and does what it is told in between.</summary>
internal sealed partial class SubscriberLoop : IDisposable
{
    private const int WaitMilliseconds = 20;
    private const long ProgressInterval = MonotonicClock.Second / 5;

    private readonly SubscriberPlan _plan;
    private readonly IPEndPoint[] _endPoints;
    private readonly IPAddress? _source;
    private readonly string[] _tokens;
    private readonly IWireProtocol _protocol;
    private readonly CompletionFeedback? _feedback;
    private readonly Deliveries _deliveries;
    private readonly SubscriberConnection[] _connections;
    private readonly Poller _poller = new();
    private readonly ConcurrentQueue<SubscriberCommand> _commands = new();
    private readonly Action<SubscriberReport> _report;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private long _nextProgress;
    private bool _quit;

    public SubscriberLoop(SubscriberPlan plan, Action<SubscriberReport> report)
    {
        _plan = plan;
        _report = report;
        _endPoints = [.. plan.EndPoints.Select(IPEndPoint.Parse)];
        _source = plan.SourceAddress is null ? null : IPAddress.Parse(plan.SourceAddress);
        _tokens = plan.TokenFile is null ? [] : File.ReadAllLines(plan.TokenFile);
        _protocol = plan.Form == WireForm.Nats ? new NatsProtocol() : new PlainProtocol();
        _connections = [.. Interleave(plan.Rooms)];
        if (plan.FeedbackPath is not null)
        {
            _feedback = new CompletionFeedback(plan.FeedbackPath, plan.Lanes, plan.Rooms.Sum(r => r.Members));
        }

        _deliveries = new Deliveries(new DeliveryLedger(_connections.Length, plan.Lanes), _feedback);
    }

    /// <summary>From any thread.</summary>
    public void Tell(SubscriberCommand command) => _commands.Enqueue(command);

    /// <summary>Until told to quit.</summary>
    public void Run()
    {
        _connectingSince = MonotonicClock.Now;
        while (!_quit)
        {
            OpenMore();
            var count = _poller.Wait(WaitMilliseconds);
            for (var i = 0; i < count; i++)
            {
                var connection = _connections[_poller.Event(i, out var writable)];
                if (connection.State == SubscriberState.Connecting)
                {
                    Upgrade(connection, writable);
                }
                else if (connection.State != SubscriberState.Closed)
                {
                    Receive(connection);
                }
            }

            while (_commands.TryDequeue(out var command))
            {
                Obey(command);
            }

            Churn();
            if (MonotonicClock.Now >= _nextProgress)
            {
                _nextProgress = MonotonicClock.Now + ProgressInterval;
                Report(SubscriberReportKind.Progress);
            }
        }

        CloseAll();
    }

    public void Dispose()
    {
        _poller.Dispose();
        _feedback?.Dispose();
    }

    // Rooms in turn, so that the neighbours of a connection in the server's lists are in other rooms, as in life.
    private static IEnumerable<SubscriberConnection> Interleave(RoomMembers[] rooms)
    {
        var index = 0;
        var rounds = rooms.Max(r => r.Members + r.Stalling);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var room in rooms.Where(r => round < r.Members + r.Stalling))
            {
                yield return new SubscriberConnection(index++, room.Number, room.Name, stalling: round >= room.Members);
            }
        }
    }

    private void Receive(SubscriberConnection connection)
    {
        var kept = connection.TakeRest(_buffer);
        var count = connection.Socket.Receive(_buffer.AsSpan(kept));
        if (count == -1)
        {
            return;
        }

        if (count <= 0)
        {
            Ended(connection);
            return;
        }

        _deliveries.Now = MonotonicClock.Now;
        var bytes = _buffer.AsSpan(0, kept + count);
        if (connection.State == SubscriberState.Upgrading && !TryTakeUpgrade(connection, ref bytes))
        {
            return;
        }

        var joining = connection.State == SubscriberState.Joining;
        var done = _protocol.Read(connection, bytes, _deliveries);
        if (joining && connection.State == SubscriberState.Joined)
        {
            Joined(connection);
        }

        connection.KeepRest(bytes[done..]);
        if (connection.CloseCode != 0)
        {
            _ = connection.Socket.Send(ClientFrame.NormalClose);
            Ended(connection);
        }
    }

    private void Obey(SubscriberCommand command)
    {
        switch (command.Verb)
        {
            case SubscriberVerb.Report:
                Report(SubscriberReportKind.Full);
                break;
            case SubscriberVerb.Stall:
                foreach (var connection in _connections.Where(c => c is { Stalling: true, State: SubscriberState.Joined }))
                {
                    _poller.Forget(connection.Socket);
                }

                break;
            case SubscriberVerb.Resume:
                foreach (var connection in _connections.Where(c => c is { Stalling: true, State: SubscriberState.Joined }))
                {
                    _poller.Watch(connection.Socket, Poller.Readable, connection.Index);
                }

                break;
            case SubscriberVerb.Churn or SubscriberVerb.Reset:
                StartChurn(command.Value, command.Verb == SubscriberVerb.Reset);
                break;
            case SubscriberVerb.Quit:
                _quit = true;
                break;
            default:
                throw new InvalidOperationException($"unknown command {command.Verb}");
        }
    }
}
