using Push.Contracts;

namespace Push.Edge.Connections;

/// <summary>One step of reading a client's frames.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="PayloadLength">Of a control frame: the bytes of the caller's buffer that hold its payload.</param>
/// <param name="Answer">Of a close or a violation: how to answer it.</param>
internal readonly record struct ClientFrame(ClientFrameKind Kind, int PayloadLength = 0, CloseReason? Answer = null)
{
    public static ClientFrame Violation(CloseReason answer) => new(ClientFrameKind.Violation, Answer: answer);
}
