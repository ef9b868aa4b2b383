using System.Globalization;

namespace Push.EndToEndTests.Telemetry.Otlp;

/// <summary>A span as a collector has it. Ids are in lower-case hexadecimal; a span without a parent has an empty one.</summary>
public sealed record ExportedSpan
{
    /// <summary><c>service.name</c>.</summary>
    public required string Service { get; init; }

    /// <summary><c>service.instance.id</c>.</summary>
    public required string Instance { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    public required string ParentId { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public double Number(string attribute) => double.Parse(Attributes[attribute], CultureInfo.InvariantCulture);

    /// <summary>Everything that it says.</summary>
    public override string ToString() => $"{Service} {Instance} {Name} {Kind} {string.Join(' ', Attributes)}";

    internal static IEnumerable<ExportedSpan> Of(TracesRequest request) =>
        from resource in request.Resources
        let process = ToDictionary(resource.Resource?.Attributes ?? [])
        from scope in resource.Scopes
        from span in scope.Spans
        select new ExportedSpan
        {
            Service = process["service.name"],
            Instance = process["service.instance.id"],
            Name = span.Name,
            Kind = span.Kind,
            TraceId = Convert.ToHexStringLower(span.TraceId),
            SpanId = Convert.ToHexStringLower(span.SpanId),
            ParentId = Convert.ToHexStringLower(span.ParentSpanId),
            Attributes = ToDictionary(span.Attributes),
        };

    private static Dictionary<string, string> ToDictionary(IEnumerable<KeyValueMessage> attributes) =>
        attributes.ToDictionary(attribute => attribute.Key, attribute => $"{attribute.Value}");
}
