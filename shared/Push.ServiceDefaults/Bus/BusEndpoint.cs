using MassTransit;

namespace Push.ServiceDefaults.Bus;

/// <summary>A queue of this process, and what consumes it. Modules add theirs; the bus takes all of them when it starts.</summary>
internal sealed record BusEndpoint(Func<IServiceProvider, string> Queue, Action<IReceiveEndpointConfigurator, IRegistrationContext> Configure);
