namespace Push.Edge.Rooms;

internal enum AudienceState
{
    /// <summary>Nothing pending: the next publication is sent at once.</summary>
    Idle,

    /// <summary>Waits for its turn, or has it.</summary>
    Scheduled,

    /// <summary>Busy: waits a moment for more, since a send of many frames costs little more than a send of one.</summary>
    Gathering,
}
