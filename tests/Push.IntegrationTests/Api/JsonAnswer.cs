using System.Net;
using Xunit;

namespace Push.IntegrationTests.Api;

internal static class JsonAnswer
{
    public static async Task IsAsync(HttpStatusCode status, string body, HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal($"{status} {body}", $"{response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        }
    }
}
