using System.Text.Json;
using Push.Api.Http;
using Push.Contracts;
using Push.Presence;
using Push.ServiceDefaults.Http;

namespace Push.Api.Presence;

/// <summary><c>GET /presence/…</c>: who is connected, for back ends. Counted from what the Edges wrote some seconds ago.</summary>
internal sealed class PresenceEndpoints(PresenceStore presence, RequestGate gate)
{
    private static readonly Reply MalformedRoom =
        Reply.Error(StatusCodes.Status400BadRequest, "The room id must be 1-64 characters of A-Z a-z 0-9 _ . : -");

    private static readonly Reply Unknown =
        Reply.Error(StatusCodes.Status503ServiceUnavailable, "The presence store cannot be reached") with { RetryAfter = "5" };

    /// <summary><c>GET /presence/edges</c></summary>
    public Task GetEdgesAsync(HttpContext context) => AnswerAsync(context, async () =>
    {
        var edges = await presence.CountConnectionsAsync(context.RequestAborted);
        return new { connections = edges.Values.Sum(), edges };
    });

    /// <summary><c>GET /presence/users</c></summary>
    public Task GetUsersAsync(HttpContext context) => AnswerAsync(context, async () => new { users = await presence.CountUsersAsync(context.RequestAborted) });

    /// <summary><c>GET /presence/rooms/{roomId}</c></summary>
    public Task GetRoomAsync(HttpContext context)
    {
        var roomId = (string)context.GetRouteValue("roomId")!;
        return RoomId.IsValid(roomId)
            ? AnswerAsync(context, async () => new { roomId, connections = await presence.CountConnectionsAsync(roomId, context.RequestAborted) })
            : MalformedRoom.WriteAsync(context);
    }

    private async Task AnswerAsync<TBody>(HttpContext context, Func<Task<TBody>> ask)
    {
        if (!gate.TurnsAwayBackEnd(context, out var reply))
        {
            try
            {
                reply = new Reply(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(await ask()));
            }
            catch (PresenceUnavailableException)
            {
                reply = Unknown;
            }
        }

        await reply.WriteAsync(context);
    }
}
