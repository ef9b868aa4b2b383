using System.Buffers.Text;
using System.Security.Cryptography;

namespace Push.Edge.Connections;

internal static class ConnectionId
{
    private const int RandomBytes = 12;

    /// <summary>16 characters of base64url, 96 random bits: unique across Edges, and not to be guessed.</summary>
    public static string Create()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
