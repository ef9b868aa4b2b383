using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Push.ServiceDefaults.Health;

public static class HealthEndpoints
{
    private static readonly byte[] Healthy = """{"status":"healthy"}"""u8.ToArray();

    /// <summary>
    /// Maps <c>/health</c> and <c>/health/live</c> (the process answers) and <c>/health/ready</c>
    /// (every check with <see cref="HealthRegistration.ReadyTag"/> passes; otherwise 503 with the names of those that do not).
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health", AnswerHealthy);
        endpoints.MapGet("/health/live", AnswerHealthy);
        endpoints.MapGet("/health/ready", AnswerReadiness);
    }

    private static Task AnswerHealthy(HttpContext context) => Write(context, StatusCodes.Status200OK, Healthy);

    private static async Task AnswerReadiness(HttpContext context)
    {
        var checks = context.RequestServices.GetRequiredService<HealthCheckService>();
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(HealthRegistration.ReadyTag), context.RequestAborted);
        if (report.Status == HealthStatus.Healthy)
        {
            await AnswerHealthy(context);
            return;
        }

        var reasons = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => entry.Key).ToArray();
        await Write(context, StatusCodes.Status503ServiceUnavailable, JsonSerializer.SerializeToUtf8Bytes(new { status = "unhealthy", reasons }));
    }

    private static Task Write(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
