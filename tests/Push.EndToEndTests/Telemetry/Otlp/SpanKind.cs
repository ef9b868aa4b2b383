namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary><c>Span.SpanKind</c> of OTLP.</summary>
public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}
