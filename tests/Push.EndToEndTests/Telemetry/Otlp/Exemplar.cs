namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>A measurement that points to the trace in which it was made.</summary>
public sealed record Exemplar(string Metric, string TraceId, string SpanId)
{
    internal static IEnumerable<Exemplar> Of(MetricsRequest request) =>
        from resource in request.Resources
        from scope in resource.Scopes
        from metric in scope.Metrics
        from point in metric.Histogram?.DataPoints ?? []
        from exemplar in point.Exemplars
        select new Exemplar(metric.Name, Convert.ToHexStringLower(exemplar.TraceId), Convert.ToHexStringLower(exemplar.SpanId));
}
