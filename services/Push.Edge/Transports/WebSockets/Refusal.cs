namespace Push.Edge.Transports.WebSockets;

/// <summary>The answer to a request on <c>/ws</c> that is not upgraded. The texts are part of the public contract.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">The whole body.</param>
/// <param name="Reason">Names it in metrics.</param>
internal sealed record Refusal(int Status, string Text, string Reason)
{
    public static Refusal NotAHandshake { get; } = new(StatusCodes.Status400BadRequest, "Invalid WebSocket handshake", "handshake");

    public static Refusal UnsupportedVersion { get; } = new(StatusCodes.Status426UpgradeRequired, "Unsupported WebSocket version", "version");

    public static Refusal ForeignOrigin { get; } = new(StatusCodes.Status403Forbidden, "Origin not allowed", "origin");

    public static Refusal ForeignHost { get; } = new(StatusCodes.Status403Forbidden, "Host not allowed", "host");

    public static Refusal MissingToken { get; } = new(StatusCodes.Status401Unauthorized, "Missing token", "missing_token");

    public static Refusal BadToken { get; } = new(StatusCodes.Status401Unauthorized, "Token error", "token");

    public static Refusal NotReady { get; } = new(StatusCodes.Status503ServiceUnavailable, "Not ready", "not_ready");

    public static Refusal Draining { get; } = new(StatusCodes.Status503ServiceUnavailable, "Draining", "draining");

    public static Refusal Full { get; } = new(StatusCodes.Status503ServiceUnavailable, "Too many connections", "full");

    /// <summary>A request head that took too long: nothing answers it.</summary>
    public const string TimeoutReason = "timeout";

    private const string RoomReason = "room";

    /// <summary>All that metrics may name.</summary>
    public static IEnumerable<string> Reasons { get; } =
        [.. new[] { NotAHandshake, UnsupportedVersion, ForeignOrigin, ForeignHost, MissingToken, BadToken, NotReady, Draining, Full }.Select(refusal => refusal.Reason), RoomReason, TimeoutReason];

    /// <param name="room">As the client sent it, of any length and content.</param>
    public static Refusal BadRoom(ReadOnlySpan<char> room) => new(StatusCodes.Status400BadRequest, $"Invalid room id: {Printable(room)}", RoomReason);

    private static string Printable(ReadOnlySpan<char> text)
    {
        const int MaxLength = 64;
        Span<char> printable = stackalloc char[MaxLength + 1];
        var length = Math.Min(text.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            printable[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        }

        if (text.Length > MaxLength)
        {
            printable[length++] = '…';
        }

        return new string(printable[..length]);
    }
}
