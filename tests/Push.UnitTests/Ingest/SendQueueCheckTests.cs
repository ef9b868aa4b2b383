using Microsoft.Extensions.Options;
using Push.Edge;
using Push.Edge.Ingest;
using Push.Messaging;
using Xunit;

namespace Push.UnitTests.Ingest;

public sealed class SendQueueCheckTests
{
    [Theory]
    [InlineData(32 << 10, 64 << 10, true)]
    [InlineData(32 << 10, (64 << 10) - 1, false)]
    [InlineData(1 << 20, 64 << 10, false)]
    [InlineData(1 << 20, 2 << 20, true)]
    public void A_connections_queue_holds_two_of_the_largest_messages(int messageBytes, int queueBytes, bool isValid)
    {
        var check = new SendQueueCheck(Options.Create(new PublicationOptions { MaxMessageBytes = messageBytes }));
        var result = check.Validate(null, new EdgeOptions { SendQueueBytes = queueBytes });

        Assert.Equal(isValid, result.Succeeded);
        Assert.Equal(isValid ? null : $"Edge:SendQueueBytes: must be at least {2 * messageBytes}, twice Pushes:MaxMessageBytes", result.FailureMessage);
    }
}
