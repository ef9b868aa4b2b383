using CsCheck;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class ConfirmWindowTests
{
    [Fact]
    public async Task A_confirmation_completes_its_publication_alone()
    {
        using var window = new ConfirmWindow(4, new ConfirmedPublications(TimeProvider.System));
        var pushes = await AddAsync(window, 3);
        window.Settle(2, multiple: false);
        Assert.Equal([false, true, false], pushes.Select(push => push.Task.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_confirmation_of_several_completes_all_up_to_it()
    {
        using var window = new ConfirmWindow(4, new ConfirmedPublications(TimeProvider.System));
        var pushes = await AddAsync(window, 3);
        window.Settle(2, multiple: true);
        Assert.Equal([true, true, false], pushes.Select(push => push.Task.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_refusal_reaches_the_publisher()
    {
        using var window = new ConfirmWindow(4, new ConfirmedPublications(TimeProvider.System));
        var pushes = await AddAsync(window, 1);
        window.Settle(1, multiple: false, new BrokerUnavailableException("refused"));
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => pushes[0].Task);
    }

    [Fact]
    public async Task Places_are_given_back_in_order()
    {
        using var window = new ConfirmWindow(2, new ConfirmedPublications(TimeProvider.System));
        await AddAsync(window, 2);
        var third = window.WaitForPlaceAsync(CancellationToken.None);
        window.Settle(2, multiple: false);
        Assert.False(third.IsCompleted);
        window.Settle(1, multiple: false);
        Assert.True(third.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task After_a_failure_nothing_hangs()
    {
        using var window = new ConfirmWindow(4, new ConfirmedPublications(TimeProvider.System));
        var before = await AddAsync(window, 2);
        window.Fail(new BrokerUnavailableException("lost"));
        var after = await AddAsync(window, 1);
        window.Settle(3, multiple: true);
        foreach (var push in before.Concat(after))
        {
            await Assert.ThrowsAsync<BrokerUnavailableException>(() => push.Task);
        }
    }

    [Fact]
    public void Every_publication_is_completed_once_under_any_order_of_confirmations() =>
        Gen.Shuffle(Enumerable.Range(1, 8).ToArray()).Select(Gen.Bool.Array[8]).Sample((order, multiples) =>
        {
            using var window = new ConfirmWindow(8, new ConfirmedPublications(TimeProvider.System));
            var pushes = AddAsync(window, 8).GetAwaiter().GetResult();
            var confirmed = new HashSet<int>();
            foreach (var (sequence, multiple) in order.Zip(multiples))
            {
                window.Settle((ulong)sequence, multiple);
                confirmed.UnionWith(multiple ? Enumerable.Range(1, sequence) : [sequence]);
                Assert.Equal(Enumerable.Range(1, 8).Select(confirmed.Contains), pushes.Select(push => push.Task.IsCompletedSuccessfully));
            }
        });

    private static async Task<OutgoingPush[]> AddAsync(ConfirmWindow window, int count)
    {
        var pushes = new OutgoingPush[count];
        for (var i = 0; i < count; i++)
        {
            pushes[i] = new OutgoingPush(new DecodedPublication { Target = RoomKey.Everybody, Id = $"{i}", Message = "[]"u8 });
            await window.WaitForPlaceAsync(CancellationToken.None);
            window.Add(pushes[i]);
        }

        return pushes;
    }
}
