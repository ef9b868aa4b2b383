using System.Text.Json;

namespace Push.Api.Pushes;

internal static class JsonText
{
    /// <summary>Decodes every string of valid JSON that may hold half of a surrogate pair: an Edge could not write such a one.</summary>
    /// <exception cref="InvalidOperationException">A string cannot be decoded.</exception>
    public static void ThrowIfUndecodable(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }
}
