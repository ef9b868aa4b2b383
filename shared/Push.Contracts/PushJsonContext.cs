using System.Text.Json.Serialization;

namespace Push.Contracts;

/// <summary>The JSON form of the contracts: camelCase, compact, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PushRequested))]
[JsonSerializable(typeof(ConnectionExpired))]
public sealed partial class PushJsonContext : JsonSerializerContext;
