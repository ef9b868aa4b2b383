using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Push.Gateway;

/// <summary>The destinations that one request was sent to, and those that are left. A feature of the request.</summary>
internal sealed class ForwardAttempts(IReverseProxyFeature proxy)
{
    private const int MaxAttempts = 3;

    private readonly IReadOnlyList<DestinationState> _healthy = proxy.AvailableDestinations;
    private readonly List<DestinationState> _tried = [];
    private bool _isRefused;

    /// <summary>Notes that the destination answered, but wants the request to go elsewhere.</summary>
    /// <returns>False where nothing is left: its answer is the client's.</returns>
    public bool TryRefuse() => _isRefused = Left().Any();

    /// <summary>Turns to the destinations that are left, if the last attempt failed in a way that allows for another one.</summary>
    public bool TryMoveOn(HttpContext context)
    {
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested || !(_isRefused || MayRepeat(context)))
        {
            return false;
        }

        DestinationState[] left = [.. Left()];
        if (left.Length == 0)
        {
            return false;
        }

        _isRefused = false;
        _tried.Add(proxy.ProxiedDestination!);
        proxy.AvailableDestinations = left;
        return true;
    }

    /// <summary>Whether no connection to the destination could be made, so that it has seen nothing of the request.</summary>
    public static bool IsUnreachable(HttpContext context) => context.Features.Get<IForwarderErrorFeature>()?.Exception is
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
        // The connect timeout; without an inner exception it would be the time for the answer that has run out.
        or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>A GET may be repeated too when its connection broke before the answer. A publish may not: it may have happened.</summary>
    private static bool MayRepeat(HttpContext context) =>
        IsUnreachable(context)
        || ((HttpMethods.IsGet(context.Request.Method) || UpgradeMethods.IsUpgrade(context)) && context.Features.Get<IForwarderErrorFeature>()?.Error == ForwarderError.Request);

    /// <summary>Those in good health, or else the others: what the health checks know may be some seconds old.</summary>
    private IEnumerable<DestinationState> Left()
    {
        if (_tried.Count + 1 >= MaxAttempts)
        {
            return [];
        }

        var healthy = _healthy.Where(IsUntried);
        return healthy.Any() ? healthy : proxy.AllDestinations.Where(IsUntried);
    }

    private bool IsUntried(DestinationState destination) => destination != proxy.ProxiedDestination && !_tried.Contains(destination);
}
