using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Push.ServiceDefaults.Http;

/// <summary>The body of an error.</summary>
/// <param name="Error">What is wrong, in a sentence.</param>
public sealed record ErrorBody(string Error);

[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext
{
    /// <summary>Escapes only what JSON must have escaped: no body is ever put into a page.</summary>
    public static ErrorJsonContext Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
