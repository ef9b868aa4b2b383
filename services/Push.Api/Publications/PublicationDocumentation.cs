using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Push.Api.Documentation;
using Push.Contracts;
using Push.ServiceDefaults.Http;

namespace Push.Api.Publications;

/// <summary>The OpenAPI document's words for <see cref="PublicationEndpoint"/>, which reads and writes bytes: no type says what they hold.</summary>
internal static class PublicationDocumentation
{
    private const string Json = "application/json";

    private static readonly (string Name, string Summary, string Body)[] Examples =
    [
        ("room", "To a room", """{"roomId":"match-1","message":{"type":"goal","team":"Mexico","minute":9,"score":[1,0]}}"""),
        ("integerRoom", "To a room whose id is an integer", """{"roomId":1001,"message":"Kick-off"}"""),
        ("user", "To every connection of a user", """{"userId":"42","message":{"type":"bet-settled"}}"""),
        ("device", "To every connection of a device", """{"deviceId":"browser-1","message":"Welcome"}"""),
        ("everybody", "To everybody", """{"message":"Maintenance at midnight"}"""),
        ("retry", "With an id, so that a retry is harmless", """{"id":"match-1-goal-1","roomId":"match-1","key":"match-1","occurredAt":"2026-06-11T19:09:00Z","message":["goal",9]}"""),
    ];

    public static RouteHandlerBuilder DescribePublication(this RouteHandlerBuilder endpoint) => endpoint
        .Describe(OpenApiTags.BackEnds, "push", "Publish a message", """
            Answers once the broker has confirmed the message. At most one of `roomId`, `userId` and `deviceId` names the target; none of them means everybody.
            A second message with the same `id` to the same target is not delivered again, so a retry with an id is safe.
            """)
        .Transform(operation =>
        {
            operation.Parameters =
            [
                new OpenApiParameter
                {
                    Name = PushHeaders.IdempotencyKey,
                    In = ParameterLocation.Header,
                    Description = "Another way to give `id`. Where both are given they must be equal.",
                    Schema = OpenApiSchemas.PrincipalId(),
                },
            ];
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = Body(), Examples = Examples.ToDictionary(example => example.Name, Example) } },
            };
            operation.GetOrAddAnswer(StatusCodes.Status200OK).Content![Json].Schema = OpenApiSchemas.Object(
                ("message", new OpenApiSchema { Const = "message sent" }), ("id", OpenApiSchemas.Text()));
        })
        .DescribeAnswer(StatusCodes.Status200OK, "Confirmed by the broker.", """{"message":"message sent","id":"0197f3b0a7c97d3c8c7b4f0c2f1d9e55"}""")
        .DescribeAnswer(StatusCodes.Status400BadRequest, "The body or one of its fields is malformed; the error names it.", """{"error":"message is required: a string, an object or an array"}""")
        .DescribeAnswer(StatusCodes.Status413PayloadTooLarge,
            "The message exceeds 32 KiB of compact JSON (`Pushes:MaxMessageBytes`), or the body eight times that.", """{"error":"message exceeds 32768 bytes of compact JSON"}""")
        .DescribeAnswer(PublicationEndpoint.NotJson, "The body is not declared as JSON.")
        .DescribeAnswer(PublicationEndpoint.NotConfirmed, "Not confirmed within 5 seconds: whether it will be delivered is unknown.");

    private static IOpenApiExample Example((string Name, string Summary, string Body) example) =>
        new OpenApiExample { Summary = example.Summary, Value = JsonNode.Parse(example.Body) };

    private static OpenApiSchema Body() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "message" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["message"] = new OpenApiSchema
            {
                Description = "What clients receive: a string as it is, an object or array as compact JSON of at most 32 KiB.",
                AnyOf = [OpenApiSchemas.Text(), new OpenApiSchema { Type = JsonSchemaType.Object }, new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema() }],
            },
            ["roomId"] = new OpenApiSchema
            {
                Description = "A room. Absent, null or empty, without a user and a device: everybody.",
                AnyOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = RoomId.MaxLength, Pattern = "^[A-Za-z0-9_.:-]*$" },
                    new OpenApiSchema { Type = JsonSchemaType.Integer },
                    new OpenApiSchema { Type = JsonSchemaType.Null },
                ],
            },
            ["userId"] = OrNull(OpenApiSchemas.PrincipalId(), "Every connection of a logged-in user."),
            ["deviceId"] = OrNull(OpenApiSchemas.PrincipalId(), "Every connection of a device."),
            ["id"] = OrNull(OpenApiSchemas.PrincipalId(), "Identifies the message within its target. Default: a new one."),
            ["key"] = OrNull(OpenApiSchemas.PrincipalId(), "What the message is about."),
            ["occurredAt"] = OrNull(new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" }, "When the event happened; UTC where it has no offset."),
        },
    };

    private static OpenApiSchema OrNull(OpenApiSchema schema, string description)
    {
        schema.Type |= JsonSchemaType.Null;
        schema.Description = schema.Description is null ? description : $"{description} {schema.Description}";
        return schema;
    }
}
