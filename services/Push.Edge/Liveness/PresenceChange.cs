using Push.Edge.Connections;

namespace Push.Edge.Liveness;

/// <summary>A connection that came or left.</summary>
internal readonly record struct PresenceChange(Connection Connection, bool IsOpen);
