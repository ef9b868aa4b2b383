namespace Push.LoadTest.Subscribing;

internal sealed partial class SubscriberLoop
{
    private long _replaced;

    private void Report(SubscriberReportKind kind)
    {
        var ledger = _deliveries.Ledger;
        _report(new SubscriberReport
        {
            Kind = kind,
            Open = _open,
            Refused = _refused,
            ConnectSeconds = _connectSeconds,
            Measured = _deliveries.Measured,
            Delivered = ledger.Unique,
            Duplicates = ledger.Duplicates,
            Reordered = ledger.Reordered,
            Missing = ledger.Missing,
            Misdelivered = _deliveries.Misdelivered,
            Foreign = _deliveries.Foreign,
            ToStalling = _deliveries.ToStalling,
            LastDeliveryAt = _deliveries.LastAt,
            Replaced = _replaced,
            Closes = _closes,
            Latencies = kind == SubscriberReportKind.Full ? _deliveries.Latencies.ToPairs() : null,
            ConnectTimes = kind == SubscriberReportKind.Full ? _connectTimes.ToPairs() : null,
            FirstRefusal = _firstRefusal,
        });
    }
}
