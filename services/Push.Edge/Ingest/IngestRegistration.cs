using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Push.Messaging;

namespace Push.Edge.Ingest;

internal static class IngestRegistration
{
    /// <summary>Adds the reader that feeds the fan-out. It tells <see cref="EdgeReadiness"/> when it is at the stream.</summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        builder.AddPublicationSource();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EdgeOptions>, SendQueueCheck>());
        builder.Services.AddSingleton<DuplicateWindow>();
        builder.Services.AddSingleton<MalformedLog>();
        builder.Services.AddSingleton<PublicationPipeline>();
        builder.Services.AddHostedService<IngestService>();
        return builder;
    }
}
