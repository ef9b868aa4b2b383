namespace Push.Messaging;

/// <summary>The broker did not confirm a message in time, or cannot be reached.</summary>
public sealed class BrokerUnavailableException : Exception
{
    public BrokerUnavailableException()
    {
    }

    public BrokerUnavailableException(string message)
        : base(message)
    {
    }

    public BrokerUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
