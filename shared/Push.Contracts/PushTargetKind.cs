namespace Push.Contracts;

public enum PushTargetKind
{
    /// <summary>No connection: what a target that was never set means.</summary>
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
