namespace Push.TestKit.Servers;

/// <summary>Gives out the numbers of a Redis server's databases, each to one taker at a time.</summary>
internal sealed class DatabaseNumbers
{
    // Every Redis has these unless it is configured otherwise. 0 stays free: a person who looks around there harms no test.
    private const int First = 1;
    private const int Last = 15;

    private readonly Lock _gate = new();
    private readonly Queue<int> _free = new(Enumerable.Range(First, Last - First + 1));

    public int Take()
    {
        lock (_gate)
        {
            return _free.TryDequeue(out var number) ? number : throw new InvalidOperationException($"all {Last} databases of the test store are in use: dispose of one");
        }
    }

    public void GiveBack(int number)
    {
        lock (_gate)
        {
            _free.Enqueue(number);
        }
    }
}
