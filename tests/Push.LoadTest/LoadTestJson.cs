using System.Text.Json.Serialization;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest;

/// <summary>The JSON between the tool's processes, and of its results.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubscriberPlan))]
[JsonSerializable(typeof(SubscriberCommand))]
[JsonSerializable(typeof(SubscriberReport))]
[JsonSerializable(typeof(PublisherSetup))]
[JsonSerializable(typeof(PublishPlan))]
[JsonSerializable(typeof(PublishReport))]
[JsonSerializable(typeof(ResultFile))]
internal sealed partial class LoadTestJson : JsonSerializerContext;
