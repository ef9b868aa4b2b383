using System.Globalization;
using ProtoBuf;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary><c>opentelemetry.proto.common.v1.KeyValue</c>, with values of the simple types.</summary>
[ProtoContract]
internal sealed class KeyValueMessage
{
    [ProtoMember(1)]
    public string Key { get; set; } = "";

    [ProtoMember(2)]
    public AnyValue? Value { get; set; }

    [ProtoContract]
    internal sealed class AnyValue
    {
        [ProtoMember(1)]
        public string? Text { get; set; }

        [ProtoMember(2)]
        public bool? Truth { get; set; }

        [ProtoMember(3)]
        public long? Whole { get; set; }

        [ProtoMember(4)]
        public double? Number { get; set; }

        public override string ToString() =>
            Text ?? Whole?.ToString(CultureInfo.InvariantCulture) ?? Number?.ToString("R", CultureInfo.InvariantCulture) ?? Truth?.ToString() ?? "";
    }
}
