using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Push.ServiceDefaults.Http;

namespace Push.ServiceDefaults.Health;

public static class HealthEndpoints
{
    private static readonly Reply Healthy = new(StatusCodes.Status200OK, """{"status":"healthy"}"""u8.ToArray());

    /// <summary>
    /// Maps <c>/health</c> and <c>/health/live</c> (the process answers) and <c>/health/ready</c>
    /// (every check with <see cref="HealthRegistration.ReadyTag"/> passes; otherwise 503 with the names of those that do not).
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health", Healthy.WriteAsync);
        endpoints.MapGet("/health/live", Healthy.WriteAsync);
        endpoints.MapGet("/health/ready", AnswerReadinessAsync);
    }

    private static async Task AnswerReadinessAsync(HttpContext context)
    {
        var checks = context.RequestServices.GetRequiredService<HealthCheckService>();
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(HealthRegistration.ReadyTag), context.RequestAborted);
        var reply = report.Status == HealthStatus.Healthy ? Healthy : Unhealthy(report);
        await reply.WriteAsync(context);
    }

    private static Reply Unhealthy(HealthReport report)
    {
        var reasons = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => entry.Key);
        return new Reply(StatusCodes.Status503ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new { status = "unhealthy", reasons }));
    }
}
