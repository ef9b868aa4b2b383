namespace Push.Edge.Connections;

/// <summary>The masking of a client's payload (RFC 6455, section 5.3).</summary>
internal static class ClientFrameMask
{
    /// <param name="bytes">Masked or unmasked in place.</param>
    /// <param name="mask">The masking key, its first byte lowest.</param>
    /// <param name="position">Where in the payload the bytes start.</param>
    public static void Apply(Span<byte> bytes, uint mask, int position)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= (byte)(mask >> (8 * ((position + i) & 3)));
        }
    }
}
