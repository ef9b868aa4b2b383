using System.Text;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Push.ServiceDefaults.Http;

namespace Push.Api.Documentation;

/// <summary>What the OpenAPI document says of an endpoint beyond its types. It stands beside the endpoint.</summary>
internal static class EndpointDescriptions
{
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string tag, string operationId, string summary, string? description = null)
    {
        endpoint.WithTags(tag).WithName(operationId).WithSummary(summary);
        return description is null ? endpoint : endpoint.WithDescription(description.ReplaceLineEndings(" "));
    }

    /// <summary>Adds a parameter of the query, which the handler reads by itself or which authentication reads.</summary>
    public static RouteHandlerBuilder DescribeQuery(
        this RouteHandlerBuilder endpoint, string name, string description, Func<OpenApiSchema> schema, bool isRequired = false, string? example = null) =>
        endpoint.Transform(operation => (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Required = isRequired,
            Schema = schema(),
            Example = example,
        }));

    /// <summary>Describes an answer. Its form is known from the handler's type; otherwise it is that of an error.</summary>
    public static RouteHandlerBuilder DescribeAnswer(this RouteHandlerBuilder endpoint, int status, string description, string example) =>
        endpoint.Transform(operation =>
        {
            var answer = operation.GetOrAddAnswer(status);
            answer.Description = description;
            answer.Content!["application/json"].Example = JsonNode.Parse(example);
        });

    /// <summary>Describes an answer by the one that is sent.</summary>
    public static RouteHandlerBuilder DescribeAnswer(this RouteHandlerBuilder endpoint, Reply answer, string description) =>
        endpoint.DescribeAnswer(answer.Status, description, Encoding.UTF8.GetString(answer.Body.Span));

    public static RouteHandlerBuilder Transform(this RouteHandlerBuilder endpoint, Action<OpenApiOperation> describe) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            describe(operation);
            return Task.CompletedTask;
        });
}
