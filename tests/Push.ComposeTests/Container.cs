namespace Push.ComposeTests;

/// <summary>
/// A container of the stack. Health is the engine's word for it, or the container's state where it does not run; the address is one of
/// the engine's network, reachable from a Linux host.
/// </summary>
public sealed record Container(string Id, string Service, string Name, string Health, int ProcessId, int Restarts, string Address);
