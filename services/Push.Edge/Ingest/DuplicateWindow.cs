using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Messaging;

namespace Push.Edge.Ingest;

/// <summary>
/// The ids that were published lately, each within its target: <c>goal-1</c> may occur in two rooms. Bounded by age and by count;
/// used by one reader at a time.
/// </summary>
/// <remarks>Ids are kept as 128-bit hashes under a seed of this process, so that memory does not depend on what publishers send.</remarks>
internal sealed class DuplicateWindow(IOptions<BusOptions> options, TimeProvider time)
{
    private readonly HashSet<UInt128> _ids = [];
    private readonly Queue<(UInt128 Id, long Since)> _oldestFirst = new();
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private long _oldest;

    public int Count => _ids.Count;

    /// <summary>How far back an id is recognised; may be asked by anybody.</summary>
    public TimeSpan Age => Volatile.Read(ref _oldest) is var oldest and not 0 ? time.GetElapsedTime(oldest) : TimeSpan.Zero;

    /// <summary>Remembers <paramref name="id"/>. False if the window holds it already.</summary>
    public bool TryAdd(in RoomKey target, ReadOnlySpan<char> id)
    {
        var now = time.GetTimestamp();
        while (_oldestFirst.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since, now) >= options.Value.DuplicateWindow)
        {
            Forget();
        }

        var hash = Hash(target, id);
        if (!_ids.Add(hash))
        {
            return false;
        }

        _oldestFirst.Enqueue((hash, now));
        if (_ids.Count > options.Value.DuplicateCapacity)
        {
            Forget();
        }

        Volatile.Write(ref _oldest, _oldestFirst.Peek().Since);
        return true;
    }

    private void Forget() => _ids.Remove(_oldestFirst.Dequeue().Id);

    private UInt128 Hash(in RoomKey target, ReadOnlySpan<char> id)
    {
        // Kind, target, a character that no id contains, id: no two pairs give the same text.
        Span<char> text = stackalloc char[PrincipalId.MaxLength * 2 + 2];
        text[0] = (char)target.Kind;
        target.Id.CopyTo(text[1..]);
        text[target.Id.Length + 1] = '\0';
        id.CopyTo(text[(target.Id.Length + 2)..]);
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text[..(target.Id.Length + 2 + id.Length)]), _seed);
    }
}
