using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Push.ServiceDefaults.Http;

namespace Push.ServiceDefaults.Health;

public static class HealthEndpoints
{
    /// <summary>The group of these endpoints in an OpenAPI document.</summary>
    public const string Tag = "Health";

    private static readonly HealthBody Healthy = new("healthy");

    /// <summary>
    /// Maps <c>/health</c> and <c>/health/live</c> (the process answers) and <c>/health/ready</c>
    /// (every check with <see cref="HealthRegistration.ReadyTag"/> passes; otherwise 503 with the names of those that do not).
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("").WithTags(Tag).WithNoStore();
        health.MapGet("/health", () => TypedResults.Ok(Healthy)).WithName("health").WithSummary("The service answers");
        health.MapGet("/health/live", () => TypedResults.Ok(Healthy)).WithName("live").WithSummary("The process is alive, whatever it depends on");
        health.MapGet("/health/ready", AnswerReadinessAsync).WithName("ready").WithSummary("The service can do its work")
            .Produces<HealthBody>().Produces<HealthBody>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<JsonHttpResult<HealthBody>> AnswerReadinessAsync(HealthCheckService checks, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(HealthRegistration.ReadyTag), cancellationToken);
        return report.Status == HealthStatus.Healthy ? TypedResults.Json(Healthy) : TypedResults.Json(Unhealthy(report), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static HealthBody Unhealthy(HealthReport report) =>
        new("unhealthy", [.. report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => entry.Key)]);
}

/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="Reasons">What is missing.</param>
internal sealed record HealthBody(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Reasons = null);
