namespace Push.Edge.Rooms;

/// <param name="Audience">What the connection is a member of.</param>
/// <param name="Index">Its place in there.</param>
internal readonly record struct Membership(Audience Audience, int Index);
