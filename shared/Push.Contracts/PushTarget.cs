namespace Push.Contracts;

/// <summary>Whom a publication is for. Its text form (<c>*</c>, <c>room:1001</c>, <c>user:42</c>, <c>device:abc</c>) travels in the <c>target</c> header.</summary>
public readonly record struct PushTarget
{
    private const string RoomPrefix = "room:";
    private const string UserPrefix = "user:";
    private const string DevicePrefix = "device:";

    private PushTarget(PushTargetKind kind, string id)
    {
        Kind = kind;
        Id = id;
    }

    public static PushTarget Everybody { get; } = new(PushTargetKind.Everybody, "");

    public PushTargetKind Kind { get; }

    /// <summary>The id of the room, user or device; empty for everybody.</summary>
    public string Id { get; }

    public static PushTarget Room(string roomId) => new(PushTargetKind.Room, roomId);

    public static PushTarget User(string userId) => new(PushTargetKind.User, userId);

    public static PushTarget Device(string deviceId) => new(PushTargetKind.Device, deviceId);

    /// <summary>
    /// The target that <paramref name="request"/> names. False, with a reason that names the field, where an id is malformed or more than one is given.
    /// An empty id counts as absent.
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

        if (!string.IsNullOrEmpty(userId))
        {
            named++;
            target = User(userId);
            error ??= PrincipalId.IsValid(userId) ? null : "userId must be 1-128 characters without control characters";
        }

        if (!string.IsNullOrEmpty(deviceId))
        {
            named++;
            target = Device(deviceId);
            error ??= PrincipalId.IsValid(deviceId) ? null : "deviceId must be 1-128 characters without control characters";
        }

        if (named > 1)
        {
            error ??= "roomId, userId and deviceId exclude each other";
        }

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
        return target.Id is not null;
    }

    public override string ToString() => Kind switch
    {
        PushTargetKind.Room => RoomPrefix + Id,
        PushTargetKind.User => UserPrefix + Id,
        PushTargetKind.Device => DevicePrefix + Id,
        _ => "*",
    };
}
