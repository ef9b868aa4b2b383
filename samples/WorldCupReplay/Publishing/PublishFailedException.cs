namespace WorldCupReplay.Publishing;

/// <summary>Push refused a goal, or could not be reached for too long.</summary>
internal sealed class PublishFailedException(string message) : Exception(message);
