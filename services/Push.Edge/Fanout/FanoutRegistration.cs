namespace Push.Edge.Fanout;

/// <summary>Registers connections, rooms and fan-out.</summary>
internal static class FanoutRegistration
{
    public static IServiceCollection AddFanout(this IServiceCollection services) => services;
}
