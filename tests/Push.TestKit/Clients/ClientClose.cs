namespace Push.TestKit.Clients;

/// <summary>How a client's connection ended.</summary>
/// <param name="Code">The close code; null where the connection ended without a close frame.</param>
/// <param name="Text">The text in the close frame.</param>
/// <param name="After">Since the client began to connect.</param>
public sealed record ClientClose(int? Code, string? Text, TimeSpan After);
