using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.Api.Http;

internal sealed record ErrorBody(string Error);

internal sealed record DataBody(string Data);

[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(DataBody))]
internal sealed partial class ReplyJsonContext : JsonSerializerContext
{
    /// <summary>Escapes only what JSON must have escaped: no body is ever put into a page.</summary>
    public static ReplyJsonContext Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
