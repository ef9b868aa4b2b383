using ProtoBuf;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>What the tests read of <c>ExportTraceServiceRequest</c> (opentelemetry/proto/trace/v1/trace.proto).</summary>
[ProtoContract]
internal sealed class TracesRequest
{
    [ProtoMember(1)]
    public List<ResourceSpans> Resources { get; } = [];

    [ProtoContract]
    internal sealed class ResourceSpans
    {
        [ProtoMember(1)]
        public ResourceMessage? Resource { get; set; }

        [ProtoMember(2)]
        public List<ScopeSpans> Scopes { get; } = [];
    }

    [ProtoContract]
    internal sealed class ScopeSpans
    {
        [ProtoMember(2)]
        public List<SpanMessage> Spans { get; } = [];
    }

    [ProtoContract]
    internal sealed class SpanMessage
    {
        [ProtoMember(1)]
        public byte[] TraceId { get; set; } = [];

        [ProtoMember(2)]
        public byte[] SpanId { get; set; } = [];

        [ProtoMember(4)]
        public byte[] ParentSpanId { get; set; } = [];

        [ProtoMember(5)]
        public string Name { get; set; } = "";

        [ProtoMember(6)]
        public SpanKind Kind { get; set; }

        [ProtoMember(9)]
        public List<KeyValueMessage> Attributes { get; } = [];
    }
}
