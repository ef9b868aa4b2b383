using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Push.ServiceDefaults.Http;

namespace Push.Api.Http;

/// <summary>503 with an error and the time after which to try again.</summary>
internal sealed class ServiceUnavailable(string error, int retryAfterSeconds) : IResult, IEndpointMetadataProvider
{
    public Reply Reply { get; } = Reply.Error(StatusCodes.Status503ServiceUnavailable, error) with
    {
        RetryAfter = retryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(ErrorBody), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => Reply.WriteAsync(httpContext);
}
