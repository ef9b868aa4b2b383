using Push.ServiceDefaults.Bus;
using Push.ServiceDefaults.Configuration;

namespace Push.Edge.Consumers;

internal static class PublicationRegistration
{
    /// <summary>Adds the reader that feeds the fan-out: of the stream, or of the in-memory bus. It tells <see cref="EdgeReadiness"/> when it is attached.</summary>
    public static IHostApplicationBuilder AddPublications(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<PublicationOptions>(PublicationOptions.Section);
        builder.Services.AddSingleton<DuplicateWindow>();
        builder.Services.AddSingleton<PoisonLog>();
        builder.Services.AddSingleton<PublicationPipeline>();
        if (builder.GetBusTransport() == BusTransport.InMemory)
        {
            builder.Services.AddHostedService<InMemoryReader>();
            return builder;
        }

        builder.Services.AddSingleton<PushStreamReader>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PushStreamReader>());
        return builder;
    }
}
