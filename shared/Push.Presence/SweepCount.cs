namespace Push.Presence;

/// <summary>What a sweep did.</summary>
/// <param name="Due">Connections whose deadline had passed.</param>
/// <param name="Expired">Of these, the ones handed over to be closed.</param>
public readonly record struct SweepCount(int Due, int Expired)
{
    public static SweepCount operator +(SweepCount one, SweepCount other) => new(one.Due + other.Due, one.Expired + other.Expired);

    public static SweepCount Add(SweepCount left, SweepCount right) => left + right;
}
