using ProtoBuf;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>The process that tells: <c>opentelemetry.proto.resource.v1.Resource</c>.</summary>
[ProtoContract]
internal sealed class ResourceMessage
{
    [ProtoMember(1)]
    public List<KeyValueMessage> Attributes { get; } = [];
}
