namespace Push.Presence;

/// <summary>What a sweep did.</summary>
/// <param name="Due">Connections whose deadline had passed, as far as the sweep got.</param>
/// <param name="Expired">Of these, the ones whose session is over.</param>
public readonly record struct SweepCount(int Due, int Expired)
{
    public static SweepCount operator +(SweepCount one, SweepCount other) => new(one.Due + other.Due, one.Expired + other.Expired);

    public static SweepCount Add(SweepCount left, SweepCount right) => left + right;
}
