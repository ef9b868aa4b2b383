using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Push.Api.Documentation;
using Push.Api.Http;
using Push.Auth.Policies;
using Push.Contracts;
using Push.Presence;
using Push.ServiceDefaults.Http;

namespace Push.Api.Presence;

/// <summary><c>GET /presence/…</c>: who is connected, for back ends. Counted from what the Edges wrote some seconds ago.</summary>
internal static class PresenceEndpoints
{
    private const string MalformedRoom = "The room id must be 1-64 characters of A-Z a-z 0-9 _ . : -";
    private const string Counted = "Counted from what the Edges wrote, at most some seconds ago.";

    private static readonly ServiceUnavailable Unknown = new("The presence store cannot be reached", retryAfterSeconds: 5);

    public static void MapPresence(this IEndpointRouteBuilder endpoints)
    {
        var presence = endpoints.MapGroup("/presence").RequireCors(OriginCors.BackEnds).RequireAuthorization(AccessPolicies.BackEnd);
        presence.AddEndpointFilter(AnswerWithoutStoreAsync);

        presence.MapGet("/edges", CountByEdgeAsync)
            .Describe(OpenApiTags.BackEnds, "presenceByEdge", "Count connections by Edge", "Only Edges that live.")
            .DescribeAnswer(StatusCodes.Status200OK, Counted, """{"connections":18250,"edges":{"edge-7f9c-1":9125,"edge-7f9c-2":9125}}""")
            .DescribeUnknown();
        presence.MapGet("/users", CountUsersAsync)
            .Describe(OpenApiTags.BackEnds, "presenceOfUsers", "Count logged-in users", "Each once, however many connections they have. Reads all of their ids: for administration.")
            .DescribeAnswer(StatusCodes.Status200OK, Counted, """{"users":4711}""")
            .DescribeUnknown();
        presence.MapGet("/rooms/{roomId}", CountInRoomAsync)
            .Describe(OpenApiTags.BackEnds, "presenceInRoom", "Count connections in a room", "On all Edges.")
            .Transform(operation => ((OpenApiParameter)operation.Parameters!.Single()).Schema = OpenApiSchemas.RoomId())
            .DescribeAnswer(StatusCodes.Status200OK, Counted, """{"roomId":"match-1","connections":1290}""")
            .DescribeUnknown()
            .DescribeAnswer(StatusCodes.Status400BadRequest, "The room id is malformed.", $$"""{"error":"{{MalformedRoom}}"}""");
    }

    private static RouteHandlerBuilder DescribeUnknown(this RouteHandlerBuilder endpoint) =>
        endpoint.DescribeAnswer(Unknown.Reply, "The presence store is away.");

    private static async Task<Results<Ok<EdgePresence>, ServiceUnavailable>> CountByEdgeAsync(PresenceStore presence, CancellationToken cancellationToken)
    {
        var edges = await presence.CountConnectionsAsync(cancellationToken);
        return TypedResults.Ok(new EdgePresence(edges.Values.Sum(), edges));
    }

    private static async Task<Results<Ok<UserPresence>, ServiceUnavailable>> CountUsersAsync(PresenceStore presence, CancellationToken cancellationToken) =>
        TypedResults.Ok(new UserPresence(await presence.CountUsersAsync(cancellationToken)));

    private static async Task<Results<Ok<RoomPresence>, BadRequest<ErrorBody>, ServiceUnavailable>> CountInRoomAsync(
        string roomId, PresenceStore presence, CancellationToken cancellationToken) =>
        RoomId.IsValid(roomId)
            ? TypedResults.Ok(new RoomPresence(roomId, await presence.CountConnectionsAsync(roomId, cancellationToken)))
            : TypedResults.BadRequest(new ErrorBody(MalformedRoom));

    private static async ValueTask<object?> AnswerWithoutStoreAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PresenceUnavailableException)
        {
            return Unknown;
        }
    }
}

/// <param name="Connections">On all Edges.</param>
/// <param name="Edges">By the Edge's id.</param>
internal sealed record EdgePresence(long Connections, IReadOnlyDictionary<string, long> Edges);

internal sealed record UserPresence(long Users);

internal sealed record RoomPresence(string RoomId, long Connections);
