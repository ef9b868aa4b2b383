using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.Contracts;

/// <summary>
/// Writes a message in its <see cref="MessageJson"/> form. A writer left to itself escapes characters anew, by whatever encoder its owner has set:
/// a message that was measured before could grow to three times its size (<c>😀</c> becomes <c>\uD83D\uDE00</c>).
/// </summary>
internal sealed class MessageJsonConverter : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new JsonException("The message is missing.");
        }

        writer.WriteRawValue(MessageJson.Normalize(JsonMarshal.GetRawUtf8Value(value)), skipInputValidation: true);
    }
}
