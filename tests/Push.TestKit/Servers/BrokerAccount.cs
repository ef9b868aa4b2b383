namespace Push.TestKit.Servers;

/// <summary>Whom the tests log in to RabbitMQ as.</summary>
/// <param name="UserInfo">The part of a URI before the <c>@</c>, percent-encoded.</param>
internal sealed record BrokerAccount(string UserInfo)
{
    public static BrokerAccount Guest { get; } = new("guest:guest");

    /// <summary>The user's name, decoded.</summary>
    public string User => Uri.UnescapeDataString(UserInfo.Split(':', 2)[0]);

    /// <summary>Name and password, decoded, as HTTP's basic scheme wants them.</summary>
    public string Plain => Uri.UnescapeDataString(UserInfo);

    public static BrokerAccount Of(Uri uri) => uri.UserInfo.Length == 0 ? Guest : new BrokerAccount(uri.UserInfo);
}
