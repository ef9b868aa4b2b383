using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Push.Auth.Policies;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Http;

namespace Push.Api.Documentation;

internal static class OpenApiTags
{
    public const string Clients = "Clients";
    public const string BackEnds = "Back ends";
    public const string Health = HealthEndpoints.Tag;
}

/// <summary>Metadata of an endpoint that enforces a policy by itself.</summary>
internal sealed record EnforcedPolicy(string Name);

/// <summary>The OpenAPI document: generated from the endpoints, with what all of them share.</summary>
internal static class OpenApiDescription
{
    public const string DocumentName = "v1";

    private const string ApiKey = "apiKey";

    public static IServiceCollection AddOpenApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(DocumentName, options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            })
            .AddOperationTransformer((operation, context, _) =>
            {
                DescribeAccess(operation, context);
                return Task.CompletedTask;
            }));

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Push",
            Version = DocumentName,
            Summary = "Live scores to every connected client within milliseconds.",
            Description = """
                A client gets a token, connects a WebSocket to `ws://<edge>:8081/ws?token=…&roomIds=a,b` and keeps itself alive with heartbeats. A back end publishes to a room, a user, a device or everybody.

                Where credentials are configured, back ends send one of `Access:ApiKeys` as `Authorization: Bearer <key>`. Errors are `{"error":"…"}` unless stated otherwise.
                """,
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "Where this document came from." }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = OpenApiTags.Clients, Description = "What browsers and apps call." },
            new() { Name = OpenApiTags.BackEnds, Description = "What publishes, and asks who is there." },
            new() { Name = OpenApiTags.Health, Description = "What load balancers and orchestrators call." },
        };
        document.AddComponent(ApiKey, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "One of `Access:ApiKeys`. Not needed where access is anonymous, as in Development.",
        });
    }

    /// <summary>What follows from the policy that the endpoint requires.</summary>
    private static void DescribeAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policy = metadata.OfType<EnforcedPolicy>().LastOrDefault()?.Name ?? metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        if (policy is AccessPolicies.BackEnd or AccessPolicies.Mint)
        {
            operation.Security = [[], new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKey, context.Document)] = [] }];
            var noKey = AddRefusal(operation, AccessReplies.NoApiKey, "Access is not anonymous and the API key is missing or wrong.");
            noKey.Headers = new Dictionary<string, IOpenApiHeader> { ["WWW-Authenticate"] = new OpenApiHeader { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } };
        }

        if (policy is not null)
        {
            AddRefusal(operation, AccessReplies.ForeignOrigin, "The request comes from a web page of another origin that is not in `Access:AllowedOrigins`.");
        }

        if (operation.Responses?.GetValueOrDefault("503") is OpenApiResponse unavailable && policy is not null)
        {
            unavailable.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait before the next attempt.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
            };
        }
    }

    private static OpenApiResponse AddRefusal(OpenApiOperation operation, Reply refusal, string description)
    {
        var answer = operation.GetOrAddAnswer(refusal.Status);
        answer.Description = description;
        answer.Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new() { Schema = OpenApiSchemas.Error(), Example = JsonNode.Parse(refusal.Body.Span) },
        };
        return answer;
    }

    /// <summary>The answer of a status; one that is not known yet has an error's form.</summary>
    public static OpenApiResponse GetOrAddAnswer(this OpenApiOperation operation, int status)
    {
        var name = status.ToString(CultureInfo.InvariantCulture);
        operation.Responses ??= [];
        if (operation.Responses.GetValueOrDefault(name) is not OpenApiResponse answer)
        {
            operation.Responses[name] = answer = new OpenApiResponse();
        }

        answer.Content ??= new Dictionary<string, OpenApiMediaType>();
        answer.Content.TryAdd("application/json", new OpenApiMediaType { Schema = OpenApiSchemas.Error() });
        return answer;
    }
}
