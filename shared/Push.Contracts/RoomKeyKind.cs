namespace Push.Contracts;

/// <summary>Who hears a <see cref="RoomKey"/>.</summary>
public enum RoomKeyKind
{
    /// <summary>No connection: what a key that was never set means.</summary>
    Nobody,

    /// <summary>Every connection.</summary>
    Everybody,

    /// <summary>The connections that joined a room.</summary>
    Room,

    /// <summary>The connections of a logged-in user.</summary>
    User,

    /// <summary>The connections of a device.</summary>
    Device,
}
