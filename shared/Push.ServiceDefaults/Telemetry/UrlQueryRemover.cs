using System.Diagnostics;
using OpenTelemetry;

namespace Push.ServiceDefaults.Telemetry;

/// <summary>
/// Takes queries, where tokens are, out of spans. The instrumentation libraries mask them too, but each has a switch that turns
/// the masking off.
/// </summary>
internal sealed class UrlQueryRemover : BaseProcessor<Activity>
{
    // The second of each is the name before the conventions of HTTP became stable.
    private static readonly string[] QueryTags = ["url.query", "http.query"];
    private static readonly string[] UrlTags = ["url.full", "http.url", "http.target"];

    public override void OnEnd(Activity data)
    {
        foreach (var tag in QueryTags)
        {
            if (data.GetTagItem(tag) is not null)
            {
                data.SetTag(tag, null);
            }
        }

        foreach (var tag in UrlTags)
        {
            if (data.GetTagItem(tag) is string url && url.IndexOf('?', StringComparison.Ordinal) is var query and >= 0)
            {
                data.SetTag(tag, url[..query]);
            }
        }
    }
}
