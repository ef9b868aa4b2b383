namespace Push.Edge.Listening;

/// <summary>What the bytes of a new connection are so far.</summary>
internal enum RequestHeadStatus
{
    Incomplete,

    /// <summary>A WebSocket handshake of <c>/ws</c>, well-formed or not.</summary>
    Handshake,

    /// <summary>Anything else, including what is no HTTP at all: ASP.NET Core's to answer.</summary>
    NotOurs,
}
