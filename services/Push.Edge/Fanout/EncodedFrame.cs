namespace Push.Edge.Fanout;

/// <summary>A whole frame in the forms in which connections take it. Every connection takes the plain one.</summary>
/// <param name="plain">The payload as it is.</param>
/// <param name="deflated">The payload compressed; empty where nobody asks for it or nothing is gained by it.</param>
internal readonly ref struct EncodedFrame(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> deflated = default)
{
    public ReadOnlySpan<byte> Plain { get; } = plain;

    public ReadOnlySpan<byte> Deflated { get; } = deflated;

    /// <summary>The form for a connection that takes compressed messages, or for one that does not.</summary>
    public ReadOnlySpan<byte> For(bool takesDeflate) => takesDeflate && !Deflated.IsEmpty ? Deflated : Plain;
}
