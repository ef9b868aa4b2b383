namespace Push.Benchmarks.Fanout;

/// <summary>What a measured stretch of deliveries took.</summary>
/// <param name="Rate">Deliveries a second.</param>
/// <param name="FramesPerSend">How well they were batched.</param>
/// <param name="Bytes">On the wire, a delivery.</param>
/// <param name="Cpu">CPU-seconds of this process a million deliveries.</param>
/// <param name="UserCpu">The part of it outside the kernel.</param>
internal readonly record struct DeliveryFigures(double Rate, double FramesPerSend, double Bytes, double Cpu, double UserCpu)
{
    public static DeliveryFigures Median(IReadOnlyCollection<DeliveryFigures> all)
    {
        double Of(Func<DeliveryFigures, double> figure) => all.Select(figure).Order().ElementAt(all.Count / 2);
        return new DeliveryFigures(Of(f => f.Rate), Of(f => f.FramesPerSend), Of(f => f.Bytes), Of(f => f.Cpu), Of(f => f.UserCpu));
    }
}
