namespace Push.Contracts;

/// <summary>
/// Whom a publication is for; <c>default</c> is nobody. Its text form (<c>*</c>, <c>room:1001</c>, <c>user:42</c>, <c>device:abc</c>) travels in the
/// <c>target</c> header.
/// </summary>
public readonly record struct PushTarget
{
    private const string RoomPrefix = "room:";
    private const string UserPrefix = "user:";
    private const string DevicePrefix = "device:";

    private readonly string? _id;

    private PushTarget(PushTargetKind kind, string id)
    {
        Kind = kind;
        _id = id;
    }

    public static PushTarget Everybody { get; } = new(PushTargetKind.Everybody, "");

    public PushTargetKind Kind { get; }

    /// <summary>The id of the room, user or device; empty for everybody and nobody.</summary>
    public string Id => _id ?? "";

    public static PushTarget Room(string roomId) => new(PushTargetKind.Room, roomId);

    public static PushTarget User(string userId) => new(PushTargetKind.User, userId);

    public static PushTarget Device(string deviceId) => new(PushTargetKind.Device, deviceId);

    /// <summary>
    /// The target that <paramref name="request"/> names. False, with a reason that names the field, where an id is malformed or more than one is given.
    /// Only an empty room counts as absent: an empty user or device is a publisher's mistake, not a wish to reach everybody.
    /// </summary>
    public static bool TryGet(PushRequested request, out PushTarget target, out string? error) =>
        TryGet(request.RoomId, request.UserId, request.DeviceId, out target, out error);

    /// <inheritdoc cref="TryGet(PushRequested, out PushTarget, out string?)"/>
    public static bool TryGet(string? roomId, string? userId, string? deviceId, out PushTarget target, out string? error)
    {
        target = Everybody;
        error = null;
        var named = 0;

        if (!string.IsNullOrEmpty(roomId))
        {
            named++;
            target = Room(roomId);
            error = RoomId.IsValid(roomId) ? error : "roomId must be 1-64 characters of A-Z a-z 0-9 _ . : -";
        }

        if (userId is not null)
        {
            named++;
            target = User(userId);
            error ??= userId is "" ? "userId must not be empty"
                : PrincipalId.IsValid(userId) ? null : "userId must be 1-128 characters without control characters";
        }

        if (deviceId is not null)
        {
            named++;
            target = Device(deviceId);
            error ??= deviceId is "" ? "deviceId must not be empty"
                : PrincipalId.IsValid(deviceId) ? null : "deviceId must be 1-128 characters without control characters";
        }

        if (named > 1)
        {
            error ??= "roomId, userId and deviceId exclude each other";
        }

        // Whoever overlooks the answer reaches nobody.
        target = error is null ? target : default;
        return error is null;
    }

    /// <summary>Reads the text form; false for anything else.</summary>
    public static bool TryParse(string? text, out PushTarget target)
    {
        target = text switch
        {
            "*" => Everybody,
            not null when text.StartsWith(RoomPrefix, StringComparison.Ordinal) && RoomId.IsValid(text.AsSpan(RoomPrefix.Length)) => Room(text[RoomPrefix.Length..]),
            not null when text.StartsWith(UserPrefix, StringComparison.Ordinal) && PrincipalId.IsValid(text.AsSpan(UserPrefix.Length)) => User(text[UserPrefix.Length..]),
            not null when text.StartsWith(DevicePrefix, StringComparison.Ordinal) && PrincipalId.IsValid(text.AsSpan(DevicePrefix.Length)) => Device(text[DevicePrefix.Length..]),
            _ => default,
        };
        return target.Kind != PushTargetKind.Nobody;
    }

    public override string ToString() => Kind switch
    {
        PushTargetKind.Room => RoomPrefix + Id,
        PushTargetKind.User => UserPrefix + Id,
        PushTargetKind.Device => DevicePrefix + Id,
        PushTargetKind.Everybody => "*",
        _ => "",
    };
}
