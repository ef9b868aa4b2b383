namespace Push.TestKit.Servers;

/// <summary>A virtual host of one test class: exchanges and streams of the same name do not meet.</summary>
public sealed class VirtualHost : IAsyncDisposable
{
    private readonly BrokerManagement _management;

    internal VirtualHost(string name, Uri address, BrokerManagement management)
    {
        Name = name;
        Address = address;
        _management = management;
    }

    public string Name { get; }

    /// <summary>The value of <c>ConnectionStrings:RabbitMq</c>.</summary>
    public Uri Address { get; }

    /// <summary>Deletes it with all that it holds; one whose broker is away goes with that broker.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _management.DeleteVirtualHostAsync(Name);
        }
        catch (HttpRequestException)
        {
            // A test may end with the broker stopped.
        }
    }
}
