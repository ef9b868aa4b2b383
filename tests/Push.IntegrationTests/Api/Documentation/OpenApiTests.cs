using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Push.IntegrationTests.Api.Documentation;

public sealed class OpenApiTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    // Pages and the document itself.
    private static readonly string[] Undocumented = ["/", "/openapi/v1.json", "/docs", "/metrics", "/playground/page.css", "/playground/page.js"];

    [Fact]
    public async Task Every_route_is_documented_and_every_documented_one_exists()
    {
        var document = await ReadAsync();

        var routes = api.Host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => !Undocumented.Any(path => route.RoutePattern.RawText == path || route.RoutePattern.RawText!.StartsWith("/docs/", StringComparison.Ordinal)))
            .SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods, (route, method) => $"{method} {route.RoutePattern.RawText}");
        var documented = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => $"{operation.Name.ToUpperInvariant()} {path.Name}");

        Assert.Equal(routes.Order(), documented.Order());
    }

    [Fact]
    public async Task Every_example_of_a_push_is_accepted()
    {
        var content = (await ReadAsync()).GetProperty("paths").GetProperty(ApiHost.PushPath).GetProperty("post").GetProperty("requestBody").GetProperty("content");

        foreach (var example in content.GetProperty("application/json").GetProperty("examples").EnumerateObject())
        {
            using var response = await api.Host.PushAsync(example.Value.GetProperty("value").GetRawText());
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{example.Name}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var document = await ReadAsync();

        foreach (var reference in References(document))
        {
            var target = document;
            foreach (var name in reference.Split('/').Skip(1))
            {
                Assert.True(target.TryGetProperty(name, out target), reference);
            }
        }
    }

    [Fact]
    public async Task The_page_to_try_it_loads_nothing_from_elsewhere()
    {
        var page = await api.Host.Client.GetStringAsync("/docs", TestContext.Current.CancellationToken);

        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Equal(page, await api.Host.Client.GetStringAsync("/docs/v1", TestContext.Current.CancellationToken));
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.Name == "$ref" ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private async Task<JsonElement> ReadAsync() =>
        JsonDocument.Parse(await api.Host.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken)).RootElement;
}
