using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Push.ServiceDefaults.Hosting;

/// <summary>Tells requests of one listener from those of the others. A port number would say less: behind a port mapping it is another one.</summary>
public sealed class ListenerMark
{
    /// <summary>Marks the connections to this listener.</summary>
    public void Put(IConnectionBuilder listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(this);
        return next(connection);
    });

    /// <summary>Whether the request came to the marked listener.</summary>
    public bool IsOn(HttpContext context) => context.Features.Get<ListenerMark>() == this;
}
