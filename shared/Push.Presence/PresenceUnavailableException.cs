namespace Push.Presence;

/// <summary>The presence store did not answer in time, or cannot be reached: nothing is known about the sessions asked for.</summary>
public sealed class PresenceUnavailableException : Exception
{
    public PresenceUnavailableException()
    {
    }

    public PresenceUnavailableException(string message)
        : base(message)
    {
    }

    public PresenceUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
