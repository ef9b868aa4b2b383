using System.Buffers;
using Push.Edge.Connections;
using Push.Edge.Transports;
using Push.Edge.Transports.Sockets;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Fanout;

/// <summary>
/// One thread and everything that it serves: accepting, handshakes, reading, fan-out, slow clients, closing, time. Read it from <see cref="Run"/>
/// downwards; all that follows happens on that one thread, one thing after the other.
/// </summary>
/// <remarks>
/// <para>Who owns what:</para>
/// <list type="bullet">
/// <item>Connections, their descriptors, rooms, queues, batches and deadlines are the loop's. None of them has a lock, a volatile field that others write,
/// or a reference count.</item>
/// <item>Other threads reach the loop through <see cref="Mail"/> alone. What they post is never changed afterwards, or is given away for good.</item>
/// <item>Descriptors are closed by the loop alone. An event carries the place of its socket and how often that place was given out, so that a number that
/// was closed and given out again in the same round never reaches a stranger.</item>
/// </list>
/// <para>
/// A round (<see cref="RunRound"/>): wait → events of sockets (accept a bounded number, read each readable one once, flush those that have room) → mail →
/// rooms whose coalescing ends → turns for about a millisecond, a room in slices → deadlines and pings. Nothing else waits. What may take long (TLS, a
/// store, a broker) is done by other threads and comes back as mail. So a client waits for the others for about a round, however many there are.
/// </para>
/// <para>
/// An exception in the work for one connection costs that connection. Any other ends the process: a loop that is gone would hold its clients and send
/// them nothing.
/// </para>
/// </remarks>
internal sealed unsafe partial class EventLoop : IDisposable
{
    /// <summary>A big room lets the others have their turn after this many members.</summary>
    public const int SliceMembers = 256;

    /// <summary>
    /// What is read of one connection in a round, in bytes; more where the start of a larger frame is kept already. Six hundred frames of one byte: a
    /// client that sends as fast as it can takes some 30 microseconds of a round.
    /// </summary>
    public const int ReadBytes = 4 * 1024;

    /// <summary>What one turn sends of a replay.</summary>
    private const int ReplayBytes = 16 * 1024;

    private const int AcceptsPerRound = 64;

    // Connections lie all over the heap. Read one at a time, each costs several waits for memory in a row; read in groups before they are needed,
    // the waits overlap (docs/experiments.md, "Profiles").
    private const int PrefetchMembers = 32;

    // For so many times its window after its last big pass a room coalesces again when a publication comes; a burst's first would otherwise go alone.
    private const int BusyWindows = 10;

    private const int MaxUnansweredPings = 2;

    private static readonly TimeSpan RoundLength = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly EventLoops _loops;
    private readonly LoopTerms _shared;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IPoller _poller;
    private readonly ConnectionTerms _terms;
    private readonly RoomTable _rooms;
    private readonly byte[] _buffer;
    private long _now;
    private long _rounds;
    private bool _isStopped;

    public EventLoop(int number, EventLoops loops, LoopTerms shared)
    {
        (Number, _loops, _shared, _time, _logger) = (number, loops, shared, shared.Time, shared.Logger);
        _poller = shared.UsesSockets ? new EpollPoller() : new MailPoller();
        _terms = new ConnectionTerms(shared.Edge, _time, shared.Metrics, shared.Logger);
        _rooms = new RoomTable(number, shared.Subscribers);

        // A client's largest message may lie here before the bytes that complete it; so does a request head that is looked at.
        _buffer = new byte[Math.Max(shared.Edge.MaxClientMessageBytes + ClientFrameHeader.MaxLength, shared.Edge.MaxRequestHeadBytes) + ReadBytes];
        Mail = new Mailbox(_poller, shared.Fanout.BacklogBytes);
        _roundTicks = Ticks(RoundLength);
        _maxCoalesceTicks = Ticks(shared.Fanout.CoalesceWindow);
        _minCoalesceTicks = Math.Min(_maxCoalesceTicks, Ticks(TimeSpan.FromMilliseconds(1)));
        _pingSlots = Math.Max(1, (int)(shared.Edge.PingInterval / PingStep));
        _now = _time.GetTimestamp();
        _pingAt = _now + Ticks(PingStep);
        Thread = new Thread(Run) { IsBackground = true, Name = $"loop {number}" };
    }

    public int Number { get; }

    /// <summary>The poller of a loop that serves sockets.</summary>
    private EpollPoller Epoll => (EpollPoller)_poller;

    public Thread Thread { get; }

    public Mailbox Mail { get; }

    /// <summary>Bytes that wait for its clients to read.</summary>
    public long QueuedBytes => _terms.QueuedBytes;

    /// <summary>How many rounds it has done: while this grows the loop is alive, since it never waits for longer than a second.</summary>
    public long Rounds => Volatile.Read(ref _rounds);

    public void Dispose() => _poller.Dispose();

    // ---- The loop -------------------------------------------------------------------------------------------------------------------------------

    private void Run()
    {
        try
        {
            while (!_isStopped)
            {
                RunRound(waits: true);
            }

            EndAll();
        }
        catch (Exception e)
        {
            LogFailed(Number, e);
            Environment.FailFast($"{Thread.Name} has failed: clients would get nothing more.", e);
        }
    }

    /// <summary>Does what is due, bounded; waits for something to do first, where told to. Returns the turns that it ran.</summary>
    internal int RunRound(bool waits)
    {
        var wait = waits && _turns.Count == 0 ? UntilDue() : 0;
        var count = _poller.Wait(wait > 0 && Mail.TrySleep() ? wait : 0);
        _now = _time.GetTimestamp();
        Volatile.Write(ref _rounds, _rounds + 1);
        for (var i = 0; i < count; i++)
        {
            var (key, events) = _poller.Event(i);
            Dispatch(key, events);
        }

        TakeMail();
        ForgetEnded();
        ResumeReplays();
        EndCoalescing();
        var turns = RunTurns();
        RunTimers();
        ForgetEnded();
        return turns;
    }

    private void Dispatch(ulong key, uint events)
    {
        if (key == EpollPoller.WakeKey)
        {
            return; // it was to end the wait
        }

        if (key < FirstSocketKey)
        {
            Accept(_endpoints[(int)(key - FirstEndpointKey)]);
            return;
        }

        ref var place = ref _places[(int)(uint)key];
        if (place.Generation != (uint)(key >> 32))
        {
            return; // closed by an earlier event of this round: its place may be another's by now
        }

        switch (place.Owner)
        {
            case Handshake handshake:
                ReadHead(handshake);
                break;
            case Connection connection:
                Guarded(connection, events, static (loop, connection, events) => loop.Serve(connection, events));
                break;
        }
    }

    private void Serve(Connection connection, uint events)
    {
        if ((events & EpollPoller.Out) != 0)
        {
            connection.Flush();
        }

        if (!connection.IsEnded && (events & ~EpollPoller.Out) != 0)
        {
            Receive(connection, (SocketTransport)connection.Transport!);
        }
    }

    internal void TakeMail()
    {
        foreach (ref readonly var mail in Mail.Take())
        {
            if (mail.Publication is { } publication)
            {
                Publish(publication);
            }
            else
            {
                mail.Command!(this);
            }
        }
    }

    /// <summary>Work for one connection: what it throws is a fault of ours, and costs that connection alone.</summary>
    public void Guarded<T>(Connection connection, T argument, Action<EventLoop, Connection, T> work)
    {
        try
        {
            work(this, connection, argument);
        }
        catch (Exception e)
        {
            LogConnectionFailed(connection.Id, e);
            connection.Abort();
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    // ---- Accepting and handshakes: what is not ours goes on untouched ----------------------------------------------------------------------------

    // Keys below are the loop's own descriptors; a socket's key holds its place and, above it, how often that place was given out.
    private const ulong FirstEndpointKey = 16;
    private const ulong FirstSocketKey = 1UL << 32;

    private readonly List<LoopEndpoint> _endpoints = [];
    private readonly Queue<(Handshake Handshake, long DueAt)> _handshakes = new();
    private long _acceptsAt = long.MaxValue;

    /// <summary>Accepts on a listening descriptor from now on. It stays its owner's, who closes it after <see cref="StopListening"/>. A command.</summary>
    public void Listen(LoopEndpoint endpoint)
    {
        _endpoints.Add(endpoint);
        Epoll.Add(endpoint.Descriptor, EpollPoller.In, FirstEndpointKey + (ulong)(_endpoints.Count - 1));
    }

    /// <summary>A command.</summary>
    public void StopListening(LoopEndpoint endpoint)
    {
        if (!endpoint.IsStopped && _acceptsAt == long.MaxValue)
        {
            Epoll.Remove(endpoint.Descriptor);
        }

        endpoint.IsStopped = true;
    }

    private void Accept(LoopEndpoint endpoint)
    {
        for (var i = 0; i < AcceptsPerRound && !endpoint.IsStopped && _acceptsAt == long.MaxValue; i++)
        {
            // No-delay and the send buffer's size are set on the listener and come with the socket.
            var descriptor = Libc.Accept(endpoint.Descriptor, null, null, Libc.NonBlockingCloseOnExec);
            if (descriptor >= 0)
            {
                _loops.Deal(this, descriptor, endpoint);
                continue;
            }

            var error = Libc.LastError;
            if (error is Libc.EMFile or Libc.ENFile or Libc.ENoMem or Libc.ENoBufs)
            {
                PauseAccepting(error);
            }
            else if (error != Libc.EIntr)
            {
                return;
            }
        }
    }

    // The poller would report the same waiting client again and again.
    private void PauseAccepting(int error)
    {
        LogNotAccepted(error, AcceptPause.TotalMilliseconds);
        foreach (var endpoint in _endpoints.Where(endpoint => !endpoint.IsStopped))
        {
            Epoll.Remove(endpoint.Descriptor);
        }

        _acceptsAt = _now + Ticks(AcceptPause);
    }

    private void ResumeAccepting()
    {
        _acceptsAt = long.MaxValue;
        for (var i = 0; i < _endpoints.Count; i++)
        {
            if (!_endpoints[i].IsStopped)
            {
                Epoll.Add(_endpoints[i].Descriptor, EpollPoller.In, FirstEndpointKey + (ulong)i);
            }
        }
    }

    /// <summary>Takes an accepted socket. Its request is often there already, which saves a wait. A command, or called by the loop that accepts.</summary>
    public void Admit(int descriptor, LoopEndpoint endpoint)
    {
        if (!_shared.Sockets.TryTake())
        {
            RefuseOneTooMany(descriptor);
            return;
        }

        var place = TakePlace();
        var socket = new SocketTransport(Epoll, descriptor, _places[place].Key(place));
        var handshake = new Handshake(place, socket, new RequestHead(_shared.Policy!.NegotiatesExtensions), endpoint);
        _places[place].Owner = handshake;
        ReadHead(handshake);
        if (_places[place].Owner == handshake)
        {
            _handshakes.Enqueue((handshake, _now + Ticks(_shared.Edge.HandshakeTimeout)));
        }
    }

    // Looks at the bytes without taking them.
    private void ReadHead(Handshake handshake)
    {
        try
        {
            var count = handshake.Socket.Receive(_buffer, isPeek: true);
            if (count is 0 or -2)
            {
                EndHandshake(handshake);
            }
            else if (count < 0 || !TryDecide(handshake, count))
            {
                handshake.Socket.WatchArrivals();
            }
        }
        catch (Exception e)
        {
            LogHandshakeFailed(e);
            EndHandshake(handshake);
        }
    }

    /// <summary>False while it is not known what the bytes are.</summary>
    private bool TryDecide(Handshake handshake, int count)
    {
        var head = handshake.Head;
        head.Read(new ReadOnlySequence<byte>(_buffer, 0, count));
        if (head.Status == RequestHeadStatus.Incomplete && count <= _shared.Edge.MaxRequestHeadBytes)
        {
            return false;
        }

        if (head.Status == RequestHeadStatus.Handshake && head.Length <= _shared.Edge.MaxRequestHeadBytes)
        {
            Decide(handshake);
        }
        else
        {
            HandOver(handshake, refusal: null);
        }

        return true;
    }

    private void Decide(Handshake handshake)
    {
        var request = handshake.Head.ToRequest();
        var decision = _shared.Policy!.Decide(request);
        if (!decision.IsAccepted)
        {
            HandOver(handshake, decision.Refusal);
            return;
        }

        Span<byte> response = stackalloc byte[HandshakeKey.ResponseLength(decision.Extensions)];
        HandshakeKey.WriteResponse(request.Key!, decision.Extensions, response);
        handshake.Socket.WatchReading();
        var connection = new Connection(decision.Session, decision.Rooms, decision.Form, Number, _terms) { Place = handshake.Place };
        if (!_shared.Connections.TryAdd(connection))
        {
            HandOver(handshake, _shared.Policy.WhyNotNow());
            return;
        }

        // In its rooms before it is answered: nothing else runs on this thread in between, so nothing is missed and nothing has to be held back.
        handshake.Socket.Skip((int)handshake.Head.Length);
        _places[handshake.Place].Owner = connection;
        _rooms.Join(connection);
        _shared.Metrics.HandshakeAccepted(decision.Rooms.Length);
        connection.Start(handshake.Socket, response);
    }

    private void HandOver(Handshake handshake, Refusal? refusal)
    {
        handshake.Socket.Forget();
        FreePlace(handshake.Place);
        if (!handshake.Endpoint.TryHandOver(handshake.Socket.Descriptor, refusal))
        {
            _shared.Sockets.Return();
            handshake.Socket.End();
        }
    }

    private void EndHandshake(Handshake handshake)
    {
        if (_places[handshake.Place].Owner == handshake)
        {
            FreePlace(handshake.Place);
            _shared.Sockets.Return();
            handshake.Socket.End();
        }
    }

    // Beyond the limit of sockets: what it says is read away, so that the answer is not overtaken by a reset.
    private void RefuseOneTooMany(int descriptor)
    {
        _shared.Metrics.HandshakeRefused(Refusal.Full.Reason);
        var socket = new SocketTransport(Epoll, descriptor, key: 0);
        socket.Receive(_buffer);
        socket.Send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 2\r\n\r\n"u8);
        socket.End();
    }

    // ---- Reading ---------------------------------------------------------------------------------------------------------------------------------

    // Once a round: what does not fit is reported again, after the others' turn.
    private void Receive(Connection connection, SocketTransport socket)
    {
        var kept = connection.Incomplete;
        kept.CopyTo(_buffer);
        var room = Math.Min(Math.Max(ReadBytes, kept.Length), _buffer.Length - kept.Length);
        var count = socket.Receive(_buffer.AsSpan(kept.Length, room));
        if (count > 0)
        {
            connection.Receive(new ReadOnlySequence<byte>(_buffer, 0, kept.Length + count));
        }
        else if (count == 0)
        {
            connection.PeerGone();
        }
        else if (count == -2)
        {
            connection.Abort();
        }
    }

    /// <summary>What a pipe has received: at most <see cref="ReadBytes"/>. A command.</summary>
    public void Receive(Connection connection, in ReadOnlySequence<byte> bytes)
    {
        if (connection.IsEnded)
        {
            return;
        }

        var kept = connection.Incomplete;
        kept.CopyTo(_buffer);
        bytes.CopyTo(_buffer.AsSpan(kept.Length));
        connection.Receive(new ReadOnlySequence<byte>(_buffer, 0, kept.Length + (int)bytes.Length));
    }

    // ---- Publishing: rooms coalesce, then take turns ---------------------------------------------------------------------------------------------

    private readonly Queue<Turn> _turns = new();
    private readonly PriorityQueue<Room, long> _coalescing = new();
    private readonly BatchPool _pool = new();
    private readonly long _roundTicks;
    private readonly long _maxCoalesceTicks;
    private readonly long _minCoalesceTicks;
    private int _prefetched;

    /// <summary>Appends to what waits for the key's members.</summary>
    private void Publish(EncodedPublication publication)
    {
        switch (_rooms.Find(publication.Key))
        {
            case Room room:
                room.Append(publication);
                if (room.State == RoomState.Idle && _now < room.BusyUntil)
                {
                    Coalesce(room);
                }
                else if (room.State == RoomState.Idle || (room.State == RoomState.Coalescing && room.HasFullBatch))
                {
                    Schedule(room);
                }

                break;
            case Connection connection:
                _turns.Enqueue(new Turn(null, connection, publication));
                break;
            default:
                // Its last member has left since the reader asked.
                publication.Stamp.Trace?.Release();
                Mail.Release(publication.Cost);
                break;
        }
    }

    private void Schedule(Room room)
    {
        room.State = RoomState.Scheduled;
        _turns.Enqueue(new Turn(room, null, null));
    }

    private void Coalesce(Room room)
    {
        room.State = RoomState.Coalescing;
        room.CoalescesUntil = _now + room.CoalesceTicks;
        _coalescing.Enqueue(room, room.CoalescesUntil);
    }

    // An entry is stale where its room was full, and scheduled, before the time was up.
    private void EndCoalescing()
    {
        while (_coalescing.TryPeek(out var room, out var until) && until <= _now)
        {
            _coalescing.Dequeue();
            if (room.State == RoomState.Coalescing && room.CoalescesUntil == until)
            {
                room.State = RoomState.Idle;
                if (room.HasPending)
                {
                    Schedule(room);
                }
            }
        }
    }

    private int RunTurns()
    {
        var until = _now + _roundTicks;
        var turns = 0;
        while (RunTurn())
        {
            turns++;
            if (_time.GetTimestamp() >= until)
            {
                break;
            }
        }

        return turns;
    }

    /// <summary>Runs the next turn: first in, first out, a big room in slices. False where there is none.</summary>
    internal bool RunTurn()
    {
        if (!_turns.TryDequeue(out var turn))
        {
            return false;
        }

        var hasMore = turn switch
        {
            { Room: { } room } => RunPass(room),
            { Publication: { } publication } => SendAlone(turn.Recipient!, publication),
            _ => RunReplay(turn.Recipient!),
        };
        if (hasMore)
        {
            _turns.Enqueue(turn);
        }

        return true;
    }

    /// <summary>A slice of a room's pass. True where the room takes another turn.</summary>
    private bool RunPass(Room room)
    {
        var beganAt = _time.GetTimestamp();
        if (!room.IsInPass)
        {
            room.BeginPass(_pool, beganAt);
        }

        var members = room.NextSlice(SliceMembers, out var batch);
        var taken = batch is null ? 0 : Send(members, batch);
        var isServed = room.IsServed;
        _shared.Telemetry.HandedOver(room.PassStamps, members.Length, taken, beganAt, isServed);
        return !isServed || EndPass(room);
    }

    // A room is busy behind a pass that carried several publications: it coalesces as long as that pass took, so that its clients wait for twice a pass at
    // the most, and a small room hardly at all. One that gets them one at a time never waits.
    private bool EndPass(Room room)
    {
        _now = _time.GetTimestamp();
        var isBusy = room.PassFrames > 1 && _maxCoalesceTicks > 0;
        if (isBusy)
        {
            room.CoalesceTicks = Math.Clamp(_now - room.PassBeganAt, _minCoalesceTicks, _maxCoalesceTicks);
            room.BusyUntil = _now + (BusyWindows * room.CoalesceTicks);
        }

        Mail.Release(room.PassCost);
        room.EndPass(_pool);
        if (isBusy && !room.HasFullBatch)
        {
            Coalesce(room);
            return false;
        }

        room.State = room.HasPending ? RoomState.Scheduled : RoomState.Idle;
        return room.HasPending;
    }

    /// <summary>The hot path. Returns how many have taken it.</summary>
    private int Send(ReadOnlySpan<Connection> members, Batch batch)
    {
        var (bytes, frames, taken) = (batch.Bytes, batch.FrameCount, 0);
        for (var at = 0; at < members.Length; at += PrefetchMembers)
        {
            var group = members.Slice(at, Math.Min(PrefetchMembers, members.Length - at));
            foreach (var member in group)
            {
                _prefetched += member.Prefetch();
            }

            foreach (var member in group)
            {
                var outcome = member.Send(bytes, frames);
                taken += outcome == SendOutcome.Refused ? 0 : 1;
                batch.IsKept |= outcome == SendOutcome.Queued;
            }
        }

        _shared.Metrics.FramesHandedOver(taken * (long)frames, taken * (long)bytes.Length);
        return taken;
    }

    private bool SendAlone(Connection recipient, EncodedPublication publication)
    {
        var beganAt = _time.GetTimestamp();
        var frame = publication.For(recipient.Form);
        var taken = recipient.Send(frame, frames: 1) == SendOutcome.Refused ? 0 : 1;
        _shared.Metrics.FramesHandedOver(taken, taken * frame.Length);
        _shared.Telemetry.HandedOver(publication.Stamp, taken, beganAt);
        Mail.Release(publication.Cost);
        return false;
    }

    /// <summary>A piece of a replay. It rests while the client has not read the piece before, so that it never overflows the queue. True where it takes another turn.</summary>
    private static bool RunReplay(Connection connection)
    {
        for (var bytes = 0; bytes < ReplayBytes && connection is { IsWaiting: false, Replay: { } replay };)
        {
            if (!replay.MoveNext())
            {
                replay.Dispose();
                connection.Replay = null;
                break;
            }

            bytes += replay.Current.Length;
            connection.Send(replay.Current, frames: 1);
        }

        return connection is { IsWaiting: false, Replay: not null };
    }

    private void ResumeReplays()
    {
        while (_terms.Flushed.TryDequeue(out var connection))
        {
            _turns.Enqueue(new Turn(null, connection, null));
        }
    }

    /// <summary>What the loop does next: a slice of a room's pass, one publication for one connection, or a piece of a connection's replay.</summary>
    private readonly record struct Turn(Room? Room, Connection? Recipient, EncodedPublication? Publication);

    // ---- Commands about a connection -------------------------------------------------------------------------------------------------------------

    /// <summary>A handshake that came through a pipe. Null where the Edge is full or draining: nothing has been written then. A command.</summary>
    public Connection? Open(in HandshakeDecision decision, IConnectionTransport transport, ReadOnlySpan<byte> head)
    {
        var connection = new Connection(decision.Session!, decision.Rooms, decision.Form, Number, _terms);
        if (_isStopped || !_shared.Connections.TryAdd(connection))
        {
            return null;
        }

        connection.Place = TakePlace();
        _places[connection.Place].Owner = connection;
        _rooms.Join(connection);
        _shared.Metrics.HandshakeAccepted(decision.Rooms.Length);
        connection.Start(transport, head);
        return connection;
    }

    /// <summary>Sends frames a piece at a time, in turn with the rooms. A replay that is under way is given up. A command.</summary>
    public void Replay(Connection connection, IEnumerator<ReadOnlyMemory<byte>> frames)
    {
        if (connection.CloseReason is not null)
        {
            frames.Dispose();
            return;
        }

        connection.Replay?.Dispose();
        connection.Replay = frames;
        _turns.Enqueue(new Turn(null, connection, null));
    }

    /// <summary>Adds the connection to a room. What is published from here on reaches it. A command.</summary>
    public void Subscribe(Connection connection, string roomId)
    {
        if (connection.CloseReason is null && !connection.Rooms.Contains(roomId))
        {
            connection.Rooms = [.. connection.Rooms, _rooms.Subscribe(connection, roomId).Key.Id];
            _shared.Connections.Changed(connection);
        }
    }

    /// <summary>Takes the connection out of a room. A command.</summary>
    public void Unsubscribe(Connection connection, string roomId)
    {
        if (connection.CloseReason is null && connection.Rooms.Contains(roomId))
        {
            _rooms.Unsubscribe(connection, roomId);
            connection.Rooms = [.. connection.Rooms.Where(room => room != roomId)];
            _shared.Connections.Changed(connection);
        }
    }

    // ---- Ends ------------------------------------------------------------------------------------------------------------------------------------

    internal void ForgetEnded()
    {
        while (_terms.Closing.TryDequeue(out var connection))
        {
            _rooms.Leave(connection);
        }

        while (_terms.Ended.TryDequeue(out var connection))
        {
            FreePlace(connection.Place);
            _shared.Connections.Remove(connection);
            connection.EndTransport();
            if (connection.Transport is SocketTransport)
            {
                _shared.Sockets.Return();
            }
        }
    }

    /// <summary>The last thing that a loop does: it holds nobody, and nobody waits for it.</summary>
    private void EndAll()
    {
        Mail.Close();
        TakeMail();

        for (var i = 0; i < _placeCount; i++)
        {
            switch (_places[i].Owner)
            {
                case Handshake handshake:
                    EndHandshake(handshake);
                    break;
                case Connection connection:
                    connection.Abort();
                    break;
            }
        }

        ForgetEnded();
    }

    /// <summary>Ends the loop after this round. A command.</summary>
    public void Stop() => _isStopped = true;

    // ---- Time ------------------------------------------------------------------------------------------------------------------------------------

    private static readonly TimeSpan PingStep = TimeSpan.FromSeconds(1);

    private readonly int _pingSlots;
    private long _pingAt;
    private int _pingSlot;

    /// <summary>In milliseconds, at most a second, rounded up: rounded down, the loop would spin through the last one.</summary>
    private int UntilDue()
    {
        var due = Math.Min(_pingAt, _acceptsAt);
        due = _coalescing.TryPeek(out _, out var until) ? Math.Min(due, until) : due;
        due = _handshakes.TryPeek(out var handshake) ? Math.Min(due, handshake.DueAt) : due;
        due = _terms.FlushDeadlines.TryPeek(out var flush) ? Math.Min(due, flush.DueAt) : due;
        due = _terms.LingerDeadlines.TryPeek(out var linger) ? Math.Min(due, linger.DueAt) : due;
        return (int)Math.Clamp(Math.Ceiling((due - _time.GetTimestamp()) * 1000.0 / _time.TimestampFrequency), 0, 1000);
    }

    /// <summary>How long the loop would wait for a room that coalesces; null where none does.</summary>
    internal TimeSpan? UntilCoalesced =>
        _coalescing.TryPeek(out _, out var until) ? TimeSpan.FromMilliseconds(Math.Ceiling((until - _time.GetTimestamp()) * 1000.0 / _time.TimestampFrequency)) : null;

    // No timer for a connection: those with a deadline wait equally long each, so the earliest is the first of its queue.
    private void RunTimers()
    {
        while (_handshakes.TryPeek(out var entry) && (entry.DueAt <= _now || !IsPending(entry.Handshake)))
        {
            _handshakes.Dequeue();
            if (IsPending(entry.Handshake))
            {
                _shared.Metrics.HandshakeRefused(Refusal.TimeoutReason);
                EndHandshake(entry.Handshake);
            }
        }

        PassDeadlines(_terms.FlushDeadlines, ConnectionState.Flushing);
        PassDeadlines(_terms.LingerDeadlines, ConnectionState.Lingering);
        if (_acceptsAt <= _now)
        {
            ResumeAccepting();
        }

        if (_pingAt <= _now)
        {
            _pingAt = _now + Ticks(PingStep);
            Ping();
        }
    }

    private bool IsPending(Handshake handshake) => _places[handshake.Place].Owner == handshake;

    private void PassDeadlines(Queue<(Connection Connection, long DueAt)> deadlines, ConnectionState state)
    {
        while (deadlines.TryPeek(out var entry) && (entry.DueAt <= _now || entry.Connection.State != state))
        {
            deadlines.Dequeue();
            entry.Connection.DeadlinePassed(state);
        }
    }

    /// <summary>
    /// Pings the connections whose turn it is: each once in the interval, all of them spread over it. Finds peers that are gone without a word, and keeps
    /// the others' connections open through proxies. It says nothing about the client's liveness: libraries answer pings by themselves.
    /// </summary>
    internal void Ping()
    {
        for (var i = _pingSlot++ % _pingSlots; i < _placeCount; i += _pingSlots)
        {
            if (_places[i].Owner is not Connection { State: ConnectionState.Open } connection)
            {
                continue;
            }

            if (connection.UnansweredPings >= MaxUnansweredPings)
            {
                connection.Abort();
            }
            else
            {
                connection.UnansweredPings++;
                connection.SendControl(ClientFrameHeader.Ping, []);
            }
        }
    }

    // ---- Places: where an event finds whom it is for ---------------------------------------------------------------------------------------------

    private readonly Stack<int> _freePlaces = new();
    private Place[] _places = new Place[64];
    private int _placeCount;

    private int TakePlace()
    {
        if (!_freePlaces.TryPop(out var place))
        {
            place = _placeCount++;
            if (place == _places.Length)
            {
                Array.Resize(ref _places, place * 2);
            }
        }

        _places[place].Generation = Math.Max(1, _places[place].Generation + 1);
        return place;
    }

    private void FreePlace(int place)
    {
        _places[place].Owner = null;
        _freePlaces.Push(place);
    }

    private struct Place
    {
        /// <summary>How often it was given out; never 0.</summary>
        public uint Generation;

        /// <summary>A <see cref="Handshake"/> or a <see cref="Connection"/>; null while it is free.</summary>
        public object? Owner;

        public readonly ulong Key(int place) => (uint)place | ((ulong)Generation << 32);
    }

    /// <summary>A socket whose request head has not arrived completely.</summary>
    private sealed class Handshake(int place, SocketTransport socket, RequestHead head, LoopEndpoint endpoint)
    {
        public int Place => place;

        public SocketTransport Socket => socket;

        public RequestHead Head => head;

        public LoopEndpoint Endpoint => endpoint;
    }

    [LoggerMessage(EventIds.LoopFailed, LogLevel.Critical, "Loop {Number} has failed: the process ends.")]
    private partial void LogFailed(int number, Exception exception);

    [LoggerMessage(EventIds.ReadFailed, LogLevel.Error, "Work for connection {ConnectionId} failed; it is cut.")]
    private partial void LogConnectionFailed(ConnectionId connectionId, Exception exception);

    [LoggerMessage(EventIds.ConnectionFailed, LogLevel.Error, "A handshake failed; its connection is cut.")]
    private partial void LogHandshakeFailed(Exception exception);

    [LoggerMessage(EventIds.ConnectionNotAccepted, LogLevel.Warning, "A connection could not be accepted (errno {Error}); the next attempt follows in {Pause} ms.")]
    private partial void LogNotAccepted(int error, double pause);
}

/// <summary>A listening descriptor, and where sockets go whose request is not the loops' to answer.</summary>
/// <param name="descriptor">Does not block.</param>
/// <param name="tryHandOver">Takes a socket that nothing was read from, and why its handshake was refused, if that is known. Never waits. False where it takes none.</param>
internal sealed class LoopEndpoint(int descriptor, Func<int, Refusal?, bool> tryHandOver)
{
    public int Descriptor => descriptor;

    /// <summary>Nothing is accepted any more.</summary>
    public bool IsStopped { get; set; }

    public bool TryHandOver(int socket, Refusal? refusal) => tryHandOver(socket, refusal);
}
