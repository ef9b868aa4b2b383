namespace Push.TestKit.Clients;

/// <summary>An HTTP answer, as far as the contract fixes it.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The whole body.</param>
/// <param name="RetryAfter">The header of that name.</param>
public sealed record Answer(int Status, string Body, TimeSpan? RetryAfter = null);
