using k8s.Models;

namespace Push.DeployTests.Manifests;

internal static class LabelSelection
{
    /// <summary>Whether the labels are selected; an empty selector selects all.</summary>
    public static bool Selects(this V1LabelSelector selector, IDictionary<string, string>? labels) =>
        IsPartOf(selector.MatchLabels, labels) && (selector.MatchExpressions ?? []).All(expression => expression.OperatorProperty switch
        {
            "In" => labels is not null && labels.TryGetValue(expression.Key, out var value) && expression.Values.Contains(value),
            _ => throw new NotSupportedException($"The operator {expression.OperatorProperty} is not used yet."),
        });

    public static bool IsPartOf(IDictionary<string, string>? wanted, IDictionary<string, string>? labels) =>
        (wanted ?? new Dictionary<string, string>()).All(pair => labels is not null && labels.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
