namespace Push.ServiceDefaults.Http;

/// <summary>Names of request headers that are Push's, and no standard's.</summary>
public static class PushHeaders
{
    /// <summary>The id of a publication, for publishers that would rather not put it into the body.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Set by the gateway, whatever the client has sent, where it listens on more than loopback (docs/adr/0008).</summary>
    public const string NetworkGateway = "X-Push-Network-Gateway";
}
