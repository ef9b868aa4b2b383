using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Connections;

/// <summary>
/// One client: its session, its rooms, what it says, what waits for it, and how it ends. It belongs to its loop's thread altogether and has no lock.
/// </summary>
/// <remarks>
/// <para>
/// Others may read <see cref="Id"/>, <see cref="Session"/>, <see cref="Rooms"/> and <see cref="CloseReason"/>; all else they ask of the loop, by mail. An
/// object is never used twice, so that a late command finds a connection that has ended, and not a stranger.
/// </para>
/// <para>
/// It ends in steps. <see cref="Close"/> queues a close frame behind what waits already (<see cref="ConnectionState.Flushing"/>); once that is out, the
/// peer's answer is awaited for a bounded time (<see cref="ConnectionState.Lingering"/>); then the transport is closed. A peer that does not read its close
/// frame is cut. The loop learns of each step from <see cref="ConnectionTerms"/>.
/// </para>
/// </remarks>
/// <param name="session">Whose it is.</param>
/// <param name="rooms">The rooms that it has named.</param>
/// <param name="form">How it takes messages.</param>
/// <param name="loop">The number of the loop that owns it.</param>
/// <param name="terms">The loop's.</param>
internal sealed partial class Connection(SessionToken session, string[] rooms, FrameForm form, int loop, ConnectionTerms terms)
{
    private IConnectionTransport? _transport;
    private SendQueue? _queue;
    private CloseReason? _reason;
    private MembershipList _memberships;
    private ClientFrameReader _frames = new(terms.MaxClientMessageBytes, form == FrameForm.Deflated);
    private byte[] _incomplete = [];
    private ConnectionState _state;
    private bool _isUnreadable;
    private bool _isPeerClosed;
    private bool _isCut;

    public ConnectionId Id { get; } = ConnectionId.Create();

    public SessionToken Session => session;

    /// <summary>Replaced as a whole when it changes.</summary>
    public string[] Rooms { get; set; } = rooms;

    public FrameForm Form => form;

    /// <summary>The number of the loop that owns it.</summary>
    public int Loop => loop;

    /// <summary>Where its loop keeps it.</summary>
    public int Place { get; set; }

    /// <summary>Pings that nothing was received after.</summary>
    public byte UnansweredPings { get; set; }

    public ref MembershipList Memberships => ref _memberships;

    /// <summary>Frames that it is being sent a piece at a time, behind what it has read: more than may wait for it. Null while there are none.</summary>
    public IEnumerator<ReadOnlyMemory<byte>>? Replay { get; set; }

    public IConnectionTransport? Transport => _transport;

    public ConnectionState State => _state;

    /// <summary>Why it ends; null while it is open.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _reason);

    public bool IsEnded => _state == ConnectionState.Ended;

    /// <summary>Something waits for the peer to read.</summary>
    public bool IsWaiting => _queue is not null;

    /// <summary>Bytes that wait for the peer, with what their entries cost.</summary>
    public int QueuedBytes => _queue?.Cost ?? 0;

    /// <summary>Goes live, with the head of the 101 response; empty where the server has written it. A fresh transport takes some hundred bytes at once, or it is gone.</summary>
    public void Start(IConnectionTransport transport, ReadOnlySpan<byte> head)
    {
        _transport = transport;
        if (!head.IsEmpty && TrySend(head) != head.Length)
        {
            Abort();
        }
    }

    // ---- What it is sent: at once, or behind what it has not taken ----

    /// <summary>Reads what <see cref="Send"/> will read. The result means nothing.</summary>
    public int Prefetch() => (_reason is null ? 0 : 1) + (_queue is null ? 0 : 1) + _transport!.Prefetch();

    /// <summary>Sends whole frames without waiting. What the peer does not take is queued by reference: nobody may change the bytes then.</summary>
    /// <param name="bytes">The frames.</param>
    /// <param name="frames">How many of them are messages.</param>
    public SendOutcome Send(ReadOnlyMemory<byte> bytes, int frames)
    {
        if (_reason is not null)
        {
            return SendOutcome.Refused;
        }

        var sent = 0;
        if (_queue is null)
        {
            sent = TrySend(bytes.Span);
            if (sent == bytes.Length)
            {
                return SendOutcome.Sent;
            }

            if (sent < 0)
            {
                Lose(CloseReason.ConnectionLost);
                return SendOutcome.Refused;
            }
        }
        else if (_queue.Cost >= terms.SendQueueBytes)
        {
            CloseSlow();
            return SendOutcome.Refused;
        }

        Enqueue(bytes, frames, sent);
        return SendOutcome.Queued;
    }

    /// <summary>Sends a control frame (ping, pong) between whole frames. At most 125 bytes of payload.</summary>
    public void SendControl(byte opcode, ReadOnlySpan<byte> payload)
    {
        if (_reason is not null)
        {
            return;
        }

        Span<byte> frame = stackalloc byte[ServerFrame.MaxControlLength];
        frame = frame[..ServerFrame.Write(frame, opcode, payload)];
        var sent = _queue is null ? TrySend(frame) : 0;
        if (sent < 0)
        {
            Lose(CloseReason.ConnectionLost);
        }
        else if (_queue?.Cost >= terms.SendQueueBytes)
        {
            CloseSlow();
        }
        else if (sent < frame.Length)
        {
            Enqueue(frame.ToArray(), frames: 0, sent);
        }
    }

    /// <summary>The transport has room again.</summary>
    public void Flush()
    {
        if (IsEnded)
        {
            return;
        }

        if (_queue is null)
        {
            // What waited has been discarded: a poller would go on reporting the room.
            _transport!.AwaitRoom(false);
            return;
        }

        var before = _queue.Cost;
        while (!_queue.IsEmpty)
        {
            var head = _queue.Head;
            var sent = TrySend(head.Span);
            if (sent < 0)
            {
                Lose(CloseReason.ConnectionLost);
                return;
            }

            _queue.Written(sent);
            if (sent < head.Length)
            {
                terms.QueuedBytes += _queue.Cost - before;
                return;
            }
        }

        terms.QueuedBytes -= before;
        _queue = null;
        _transport!.AwaitRoom(false);
        if (_state == ConnectionState.Flushing)
        {
            AwaitPeer();
        }
        else if (Replay is not null)
        {
            terms.Flushed.Enqueue(this);
        }
    }

    private void Enqueue(ReadOnlyMemory<byte> bytes, int frames, int sent)
    {
        if (_queue is null)
        {
            _queue = new SendQueue();
            _transport!.AwaitRoom(true);
        }

        var before = _queue.Cost;
        _queue.Add(bytes, frames, sent);
        terms.QueuedBytes += _queue.Cost - before;
    }

    private void DiscardQueue(bool keepsPartlyWritten)
    {
        if (_queue is null)
        {
            return;
        }

        var before = _queue.Cost;
        terms.Metrics.FramesDropped(_queue.Discard(keepsPartlyWritten), _reason!);
        terms.QueuedBytes += _queue.Cost - before;
        _queue = _queue.IsEmpty ? null : _queue;
    }

    // A transport answers less than 0 where the peer is gone. What it throws is a fault of ours, and costs this connection, not its loop.
    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return _transport!.Send(bytes);
        }
        catch (Exception e)
        {
            LogWriteFailed(terms.Logger, Id, e);
            return -1;
        }
    }

    // ---- What it says ----

    /// <summary>The bytes that are to be put before what is received next: the beginning of a frame.</summary>
    public ReadOnlySpan<byte> Incomplete => _incomplete;

    /// <summary>Takes what has been received, beginning with <see cref="Incomplete"/>, and keeps what is not a whole frame yet.</summary>
    public void Receive(in ReadOnlySequence<byte> bytes)
    {
        UnansweredPings = 0;
        var rest = bytes;

        // What can't be read is taken all the same: closing a socket that holds unread bytes resets it, and the reset overtakes the close frame.
        _isUnreadable = _isUnreadable || !TryRead(ref rest);
        _incomplete = _isUnreadable || rest.IsEmpty ? [] : rest.ToArray();
    }

    /// <returns>False once the client has closed or has broken the protocol: what follows can't be read.</returns>
    private bool TryRead(ref ReadOnlySequence<byte> bytes)
    {
        Span<byte> payload = stackalloc byte[ClientFrameHeader.MaxControlPayload];
        Span<byte> ping = stackalloc byte[ClientFrameHeader.MaxControlPayload];
        var pingLength = -1;
        for (var frame = _frames.Read(ref bytes, payload); frame.Kind != ClientFrameKind.Incomplete; frame = _frames.Read(ref bytes, payload))
        {
            switch (frame.Kind)
            {
                case ClientFrameKind.Ping:
                    payload.CopyTo(ping);
                    pingLength = frame.PayloadLength;
                    break;
                case ClientFrameKind.Close:
                    CloseReceived(frame.Answer!);
                    return false;
                case ClientFrameKind.Violation:
                    Close(frame.Answer!);
                    return false;
            }
        }

        // The last of several pings may stand for all of them (RFC 6455, section 5.5.3): a flood of them costs no more than the reading.
        if (pingLength >= 0)
        {
            SendControl(ClientFrameHeader.Pong, ping[..pingLength]);
        }

        return true;
    }

    // ---- How it ends ----

    /// <summary>Sends a close frame once, awaits the peer's for a bounded time, then ends the transport. Idempotent: the first reason stands.</summary>
    public void Close(CloseReason reason)
    {
        if (_reason is not null)
        {
            return;
        }

        if (reason.Code == CloseReason.ConnectionLost.Code)
        {
            Lose(reason);
            return;
        }

        BeginClosing(reason);
        WriteClose();
    }

    /// <summary>The peer's close frame has arrived: answers it with <paramref name="answer"/> unless ours is on its way already, and ends without waiting further.</summary>
    public void CloseReceived(CloseReason answer)
    {
        _isPeerClosed = true;
        if (_state == ConnectionState.Lingering)
        {
            End();
        }
        else
        {
            Close(answer);
        }
    }

    /// <summary>Cuts the transport at once.</summary>
    public void Abort() => Lose(CloseReason.ConnectionLost);

    /// <summary>Nothing more comes from the peer. What still waits for it is lost.</summary>
    public void PeerGone()
    {
        if (_state == ConnectionState.Flushing || _queue is not null)
        {
            Lose(CloseReason.ConnectionLost);
            return;
        }

        if (_reason is null)
        {
            BeginClosing(CloseReason.ConnectionLost);
        }

        End();
    }

    /// <summary>It has been in <paramref name="state"/> for as long as it may: a peer that has not read its close frame is cut, one that has not answered it gets a clean end.</summary>
    public void DeadlinePassed(ConnectionState state)
    {
        if (_state != state)
        {
            return;
        }

        if (state == ConnectionState.Lingering)
        {
            End();
        }
        else
        {
            Lose(CloseReason.ConnectionLost);
        }
    }

    private void CloseSlow()
    {
        BeginClosing(CloseReason.SlowConsumer);
        DiscardQueue(keepsPartlyWritten: true);
        WriteClose();
    }

    private void BeginClosing(CloseReason reason)
    {
        Volatile.Write(ref _reason, reason);
        terms.Closing.Enqueue(this);
    }

    private void WriteClose()
    {
        Span<byte> frame = stackalloc byte[ServerFrame.MaxControlLength];
        frame = frame[..ServerFrame.WriteClose(frame, _reason!)];
        var sent = _queue is null ? TrySend(frame) : 0;
        if (sent == frame.Length)
        {
            AwaitPeer();
        }
        else if (sent < 0)
        {
            Lose(CloseReason.ConnectionLost);
        }
        else
        {
            Enqueue(frame.ToArray(), frames: 0, sent);
            _state = ConnectionState.Flushing;
            terms.FlushDeadlines.Enqueue((this, terms.After(IConnectionTransport.FlushTimeout)));
        }
    }

    /// <summary>The close frame is out: the rest is the peer's.</summary>
    private void AwaitPeer()
    {
        if (_isPeerClosed || terms.Lingering >= ConnectionTerms.MaxLingering)
        {
            End();
            return;
        }

        _state = ConnectionState.Lingering;
        terms.Lingering++;
        terms.LingerDeadlines.Enqueue((this, terms.After(ConnectionTerms.LingerTimeout)));
    }

    /// <summary>The last thing: the loop has forgotten it, so a client that sees the end is counted no more.</summary>
    public void EndTransport()
    {
        try
        {
            if (_isCut)
            {
                _transport!.Abort();
            }
            else
            {
                _transport!.End();
            }
        }
        catch (Exception e)
        {
            LogEndFailed(terms.Logger, Id, e);
        }
    }

    private void Lose(CloseReason reason)
    {
        if (_reason is null)
        {
            BeginClosing(reason);
        }

        _isCut |= !IsEnded;
        End();
    }

    private void End()
    {
        if (IsEnded)
        {
            return;
        }

        terms.Lingering -= _state == ConnectionState.Lingering ? 1 : 0;
        _state = ConnectionState.Ended;
        DiscardQueue(keepsPartlyWritten: false);
        _incomplete = [];
        Replay?.Dispose();
        Replay = null;
        terms.Ended.Enqueue(this);
    }

    [LoggerMessage(EventIds.WriteFailed, LogLevel.Error, "Writing to connection {ConnectionId} failed; it is cut.")]
    private static partial void LogWriteFailed(ILogger logger, ConnectionId connectionId, Exception exception);

    [LoggerMessage(EventIds.EndFailed, LogLevel.Error, "Ending connection {ConnectionId} failed.")]
    private static partial void LogEndFailed(ILogger logger, ConnectionId connectionId, Exception exception);
}

/// <summary>How far a connection has come.</summary>
internal enum ConnectionState : byte
{
    /// <summary>It takes messages.</summary>
    Open,

    /// <summary>Its close frame waits behind what the peer has not read.</summary>
    Flushing,

    /// <summary>Its close frame is out; the peer's is awaited.</summary>
    Lingering,

    /// <summary>The transport is closed, or somebody else's.</summary>
    Ended,
}

/// <summary>What became of frames that a connection was given.</summary>
internal enum SendOutcome : byte
{
    /// <summary>The connection ends or has ended, perhaps because of these.</summary>
    Refused,

    Sent,

    /// <summary>The connection refers to the bytes until its peer has read them.</summary>
    Queued,
}

/// <summary>How a connection takes messages. A room keeps its members by form, and a message is encoded once for each form that somebody takes.</summary>
internal enum FrameForm : byte
{
    /// <summary>The message in a WebSocket text frame. Every client can read it.</summary>
    Plain,

    /// <summary>The same, compressed where that makes it smaller (permessage-deflate has been negotiated).</summary>
    Deflated,
}

/// <summary>Names a connection: 96 random bits, unique across Edges and not to be guessed. Its text is 16 characters of base64url.</summary>
internal readonly record struct ConnectionId(ulong Low, uint High)
{
    private const int Bytes = 12;

    public static ConnectionId Create()
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        return Read(random);
    }

    public static bool TryParse(string text, out ConnectionId id)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        id = default;
        if (!Base64Url.IsValid(text, out var length) || length != Bytes)
        {
            return false;
        }

        Base64Url.DecodeFromChars(text, bytes);
        id = Read(bytes);
        return true;
    }

    public override int GetHashCode() => (int)High;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Unsafe.WriteUnaligned(ref bytes[0], Low);
        Unsafe.WriteUnaligned(ref bytes[sizeof(ulong)], High);
        return Base64Url.EncodeToString(bytes);
    }

    private static ConnectionId Read(ReadOnlySpan<byte> bytes) => new(MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<uint>(bytes[sizeof(ulong)..]));
}
