using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.Contracts;

/// <summary>
/// Writes a JSON value with the characters that it came with. A writer left to itself escapes them anew, by whatever encoder its owner has set:
/// a message that was measured before could grow to three times its size (<c>😀</c> becomes <c>\uD83D\uDE00</c>).
/// </summary>
internal sealed class VerbatimJsonConverter : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new JsonException("The message is missing.");
        }

        var json = JsonMarshal.GetRawUtf8Value(value);
        if (CompactJson.Length(json) == json.Length)
        {
            writer.WriteRawValue(json, skipInputValidation: true);
            return;
        }

        var compact = new ArrayBufferWriter<byte>(json.Length);
        CompactJson.Write(json, compact);
        writer.WriteRawValue(compact.WrittenSpan, skipInputValidation: true);
    }
}
