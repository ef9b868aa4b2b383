using ProtoBuf;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>What the tests read of <c>ExportMetricsServiceRequest</c> (opentelemetry/proto/metrics/v1/metrics.proto): exemplars of histograms.</summary>
[ProtoContract]
internal sealed class MetricsRequest
{
    [ProtoMember(1)]
    public List<ResourceMetrics> Resources { get; } = [];

    [ProtoContract]
    internal sealed class ResourceMetrics
    {
        [ProtoMember(2)]
        public List<ScopeMetrics> Scopes { get; } = [];
    }

    [ProtoContract]
    internal sealed class ScopeMetrics
    {
        [ProtoMember(2)]
        public List<Metric> Metrics { get; } = [];
    }

    [ProtoContract]
    internal sealed class Metric
    {
        [ProtoMember(1)]
        public string Name { get; set; } = "";

        [ProtoMember(9)]
        public Histogram? Histogram { get; set; }
    }

    [ProtoContract]
    internal sealed class Histogram
    {
        [ProtoMember(1)]
        public List<DataPoint> DataPoints { get; } = [];
    }

    [ProtoContract]
    internal sealed class DataPoint
    {
        [ProtoMember(8)]
        public List<ExemplarMessage> Exemplars { get; } = [];
    }

    [ProtoContract]
    internal sealed class ExemplarMessage
    {
        [ProtoMember(4)]
        public byte[] SpanId { get; set; } = [];

        [ProtoMember(5)]
        public byte[] TraceId { get; set; } = [];
    }
}
