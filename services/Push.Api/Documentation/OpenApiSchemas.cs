using Microsoft.OpenApi;

namespace Push.Api.Documentation;

/// <summary>Schemas of what handlers read by themselves.</summary>
internal static class OpenApiSchemas
{
    public static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean, Default = false };

    public static OpenApiSchema PrincipalId() => new()
    {
        Type = JsonSchemaType.String,
        MinLength = 1,
        MaxLength = Contracts.PrincipalId.MaxLength,
        Description = $"1–{Contracts.PrincipalId.MaxLength} characters, no control characters.",
    };

    public static OpenApiSchema RoomId() => new()
    {
        Type = JsonSchemaType.String,
        MaxLength = Contracts.RoomId.MaxLength,
        Pattern = "^[A-Za-z0-9_.:-]+$",
    };

    public static OpenApiSchema Error() => Object(("error", Text()));

    /// <summary>An object that has all of these properties.</summary>
    public static OpenApiSchema Object(params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = properties.Select(property => property.Name).ToHashSet(),
        Properties = properties.ToDictionary(property => property.Name, IOpenApiSchema (property) => property.Schema),
    };
}
