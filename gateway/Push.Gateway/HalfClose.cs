using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Push.Gateway;

/// <summary>
/// Lets a client end its half of a WebSocket's connection. Kestrel ends a whole connection when its client has sent the last byte, so the answer to a
/// close frame that comes with a FIN would be lost: here, whatever comes from the service has a moment to arrive.
/// </summary>
internal static class HalfClose
{
    /// <summary>For the service's answer. A client that is gone altogether is known to be so that much later.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly object Key = new();

    public static void Allow(HttpContext context) => context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items[Key] = true;

    public static void UseHalfClose(this IConnectionBuilder listen) => listen.Use(next => async connection =>
    {
        var closed = connection.ConnectionClosed;
        using var heldBack = new CancellationTokenSource();
        await using var held = closed.UnsafeRegister(_ =>
        {
            if (connection.Items.ContainsKey(Key))
            {
                heldBack.CancelAfter(Linger);
            }
            else
            {
                heldBack.Cancel();
            }
        }, null);
        connection.ConnectionClosed = heldBack.Token;
        await next(connection);
    });
}
