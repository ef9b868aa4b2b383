namespace Push.Contracts;

/// <summary>
/// What a connection can hear, and what a publication is published to: a room, a user, a device, or everybody. <c>default</c> is nobody.
/// Its text form (<c>*</c>, <c>room:1001</c>, <c>user:42</c>, <c>device:abc</c>) travels in the <c>target</c> header.
/// </summary>
public readonly record struct RoomKey
{
    private const string RoomPrefix = "room:";
    private const string UserPrefix = "user:";
    private const string DevicePrefix = "device:";

    private readonly string? _id;

    private RoomKey(RoomKeyKind kind, string id)
    {
        Kind = kind;
        _id = id;
    }

    public static RoomKey Everybody { get; } = new(RoomKeyKind.Everybody, "");

    public RoomKeyKind Kind { get; }

    /// <summary>The id of the room, user or device; empty for everybody and nobody.</summary>
    public string Id => _id ?? "";

    /// <summary>
    /// What a client calls it: the room's id, <c>*</c>, and <c>@user</c> and <c>@device</c> for its own. No room id holds <c>*</c> or <c>@</c>. Empty for nobody.
    /// </summary>
    public string ClientName => Kind switch
    {
        RoomKeyKind.Room => Id,
        RoomKeyKind.User => "@user",
        RoomKeyKind.Device => "@device",
        RoomKeyKind.Everybody => "*",
        _ => "",
    };

    public static RoomKey Room(string roomId) => new(RoomKeyKind.Room, roomId);

    public static RoomKey User(string userId) => new(RoomKeyKind.User, userId);

    public static RoomKey Device(string deviceId) => new(RoomKeyKind.Device, deviceId);

    /// <summary>
    /// The room key that <paramref name="request"/> names. False, with a reason that names the field, where an id is malformed or more than one is given.
    /// Only an empty room counts as absent: an empty user or device is a publisher's mistake, not a wish to reach everybody.
    /// </summary>
    public static bool TryGet(PushRequested request, out RoomKey key, out string? error) =>
        TryGet(request.RoomId, request.UserId, request.DeviceId, out key, out error);

    /// <inheritdoc cref="TryGet(PushRequested, out RoomKey, out string?)"/>
    public static bool TryGet(string? roomId, string? userId, string? deviceId, out RoomKey key, out string? error)
    {
        key = Everybody;
        error = null;
        var named = 0;

        if (!string.IsNullOrEmpty(roomId))
        {
            named++;
            key = Room(roomId);
            error = RoomId.IsValid(roomId) ? error : "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -";
        }

        if (userId is not null)
        {
            named++;
            key = User(userId);
            error ??= userId is "" ? "userId must not be empty"
                : PrincipalId.IsValid(userId) ? null : "userId must be 1-128 characters without control characters";
        }

        if (deviceId is not null)
        {
            named++;
            key = Device(deviceId);
            error ??= deviceId is "" ? "deviceId must not be empty"
                : PrincipalId.IsValid(deviceId) ? null : "deviceId must be 1-128 characters without control characters";
        }

        if (named > 1)
        {
            error ??= "roomId, userId and deviceId exclude each other";
        }

        // Whoever overlooks the answer reaches nobody.
        key = error is null ? key : default;
        return error is null;
    }

    /// <summary>Reads the text form; false for anything else.</summary>
    public static bool TryParse(string? text, out RoomKey key)
    {
        key = text switch
        {
            "*" => Everybody,
            not null when text.StartsWith(RoomPrefix, StringComparison.Ordinal) && RoomId.IsValid(text.AsSpan(RoomPrefix.Length)) => Room(text[RoomPrefix.Length..]),
            not null when text.StartsWith(UserPrefix, StringComparison.Ordinal) && PrincipalId.IsValid(text.AsSpan(UserPrefix.Length)) => User(text[UserPrefix.Length..]),
            not null when text.StartsWith(DevicePrefix, StringComparison.Ordinal) && PrincipalId.IsValid(text.AsSpan(DevicePrefix.Length)) => Device(text[DevicePrefix.Length..]),
            _ => default,
        };
        return key.Kind != RoomKeyKind.Nobody;
    }

    public override string ToString() => Kind switch
    {
        RoomKeyKind.Room => RoomPrefix + Id,
        RoomKeyKind.User => UserPrefix + Id,
        RoomKeyKind.Device => DevicePrefix + Id,
        RoomKeyKind.Everybody => "*",
        _ => "",
    };
}
