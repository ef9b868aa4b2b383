using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Push.Gateway;
using Xunit;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Push.UnitTests.Gateway;

public sealed class DestinationResolverTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DestinationResolver _resolver;
    private string[] _addresses = [];

    public DestinationResolverTests() => _resolver = new DestinationResolver(LookUpAsync, _time);

    [Fact]
    public async Task A_name_is_as_many_destinations_as_it_has_addresses()
    {
        _addresses = ["10.0.0.1", "10.0.0.2", "fd00::3"];

        var resolved = await ResolveAsync("http://edge:8081/path");

        Assert.Equal(
            ["http://10.0.0.1:8081/path", "http://10.0.0.2:8081/path", "http://[fd00::3]:8081/path"],
            resolved.Destinations.Values.Select(destination => destination.Address));
        Assert.All(resolved.Destinations.Values, destination => Assert.Equal("edge:8081", destination.Host));
    }

    [Fact]
    public async Task A_name_is_looked_up_again()
    {
        _addresses = ["10.0.0.1"];
        var resolved = await ResolveAsync("http://edge:8081");

        _time.Advance(DestinationResolver.RefreshPeriod - TimeSpan.FromMilliseconds(1));
        Assert.False(resolved.ChangeToken?.HasChanged);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(resolved.ChangeToken?.HasChanged);
    }

    [Fact]
    public async Task A_name_that_is_not_there_yet_stays_a_name_and_is_looked_up_again()
    {
        var resolved = await ResolveAsync("http://edge:8081");

        Assert.Equal("http://edge:8081", Assert.Single(resolved.Destinations.Values).Address);
        Assert.NotNull(resolved.ChangeToken);
    }

    [Fact]
    public async Task A_name_service_that_is_away_leaves_what_was_known()
    {
        _addresses = ["10.0.0.1"];
        await ResolveAsync("http://edge:8081");

        _addresses = [];
        var resolved = await ResolveAsync("http://edge:8081");

        Assert.Equal("http://10.0.0.1:8081/", Assert.Single(resolved.Destinations.Values).Address);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8081")]
    [InlineData("http://[::1]:8081")]
    [InlineData("http://localhost:8081")]
    public async Task An_address_stays_as_it_is(string address)
    {
        var resolved = await ResolveAsync(address);

        Assert.Equal(address, Assert.Single(resolved.Destinations.Values).Address);
        Assert.Null(resolved.ChangeToken);
    }

    private ValueTask<ResolvedDestinationCollection> ResolveAsync(string address) => _resolver.ResolveDestinationsAsync(
        new Dictionary<string, DestinationConfig> { ["edge"] = new() { Address = address } }, TestContext.Current.CancellationToken);

    private Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken) => _addresses.Length == 0
        ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
        : Task.FromResult(Array.ConvertAll(_addresses, IPAddress.Parse));
}
