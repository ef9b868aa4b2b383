using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.Messaging.RabbitMq;

/// <summary>A record of the epoch stream: from here on, the stream's offsets mean something else than before.</summary>
/// <param name="Epoch">The epoch's name: 1 to 64 letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="ValidFrom">The first offset that had no position before this epoch; 0 for a stream that was empty when it began.</param>
/// <param name="Reason">Why it began.</param>
/// <param name="Supersedes">The epoch that it ends; null where its author knew of none. See <see cref="EpochChain"/>.</param>
internal sealed record EpochRecord(string Epoch, long ValidFrom, EpochReason Reason, string? Supersedes)
{
    private const int MaxNameLength = 64;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The stream was empty when this epoch began: no record in it was read in an earlier one.</summary>
    [JsonIgnore]
    public bool BeganEmpty => Reason == EpochReason.Created && ValidFrom == 0;

    /// <summary>A record with a name of its own.</summary>
    public static EpochRecord Begin(long validFrom, EpochReason reason, string? supersedes) =>
        new(RandomNumberGenerator.GetHexString(12, lowercase: true), validFrom, reason, supersedes);

    /// <summary>Null where <paramref name="body"/> is no such record.</summary>
    public static EpochRecord? Parse(ReadOnlySpan<byte> body)
    {
        // Earlier versions wrote the bare name.
        if (IsName(body))
        {
            return new EpochRecord(Encoding.ASCII.GetString(body), 0, EpochReason.Created, null);
        }

        try
        {
            var record = JsonSerializer.Deserialize(body, EpochJsonContext.Default.EpochRecord);
            return record is { Epoch: { } name, ValidFrom: >= 0 } && Enum.IsDefined(record.Reason) && IsName(Encoding.UTF8.GetBytes(name)) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, EpochJsonContext.Default.EpochRecord);

    private static bool IsName(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= MaxNameLength && !text.ContainsAnyExcept(NameBytes);
}

/// <summary>Why an epoch began.</summary>
internal enum EpochReason
{
    /// <summary>The stream was made, or had no epoch.</summary>
    [JsonStringEnumMemberName("created")]
    Created,

    /// <summary>The stream lost its end and goes on with offsets that were read before.</summary>
    [JsonStringEnumMemberName("truncated")]
    Truncated,

    /// <summary>Another stream stands in its place: an older copy, or one that somebody made by hand.</summary>
    [JsonStringEnumMemberName("restored")]
    Restored,
}

/// <summary>
/// What the epoch stream says, read from its beginning. Everybody comes to the same epoch, whoever writes when: the first record begins the
/// chain, and a later one counts only if it supersedes the epoch that is current at its place. Whoever writes in error, or second, writes nothing.
/// </summary>
internal sealed class EpochChain
{
    public static readonly EpochChain Empty = new([]);

    private readonly EpochRecord[] _epochs;

    private EpochChain(EpochRecord[] epochs) => _epochs = epochs;

    /// <summary>Null where the stream holds no record yet.</summary>
    public EpochRecord? Current => _epochs is [.., var last] ? last : null;

    public EpochChain Append(EpochRecord record) => Current is null || record.Supersedes == Current.Epoch ? new EpochChain([.. _epochs, record]) : this;

    /// <summary>
    /// Proof that the stream was deleted and made anew after <paramref name="epoch"/>: what it holds now was published later than anything in
    /// that epoch. An older copy of both streams can't show it.
    /// </summary>
    public bool BeganEmptyAfter(string epoch)
    {
        var at = Array.FindIndex(_epochs, known => known.Epoch == epoch);
        return at >= 0 && Array.Exists(_epochs[(at + 1)..], later => later.BeganEmpty);
    }

    /// <summary>
    /// Whether publications may be missing from the stream that were in it under <paramref name="epoch"/>: not where it was only given a name.
    /// </summary>
    public bool MayHaveLostAfter(string epoch)
    {
        var at = Array.FindIndex(_epochs, known => known.Epoch == epoch);
        return at < 0
            ? Current is not { Reason: EpochReason.Created, ValidFrom: > 0 }
            : Array.Exists(_epochs[(at + 1)..], later => later.BeganEmpty || later.Reason != EpochReason.Created);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EpochRecord))]
internal sealed partial class EpochJsonContext : JsonSerializerContext;
