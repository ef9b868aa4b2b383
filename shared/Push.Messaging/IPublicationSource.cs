using Push.Contracts;

namespace Push.Messaging;

/// <summary>The stream of publications as an Edge reads it: from RabbitMQ, or from the memory of this process.</summary>
public interface IPublicationSource
{
    /// <summary>What was read last; null if nothing was.</summary>
    StreamPosition? Position { get; }

    /// <summary>How many records lie between the stream's end, when it was last looked at, and what was read.</summary>
    long Lag { get; }

    /// <summary>
    /// Hands every record to <paramref name="handler"/>, in the stream's order, each once, however often the broker is lost and as long as the stream keeps it.
    /// Ends when <paramref name="stopping"/> is cancelled.
    /// </summary>
    Task ReadAsync(IPublicationHandler handler, CancellationToken stopping);
}

/// <summary>Takes records of the stream, one at a time. Does not throw for what a publisher sent.</summary>
public interface IPublicationHandler
{
    /// <summary>The reader is at the stream's end: from now on records come as they are published.</summary>
    void Attached();

    /// <summary>The reader has lost the stream and tries to attach again.</summary>
    void Detached();

    /// <summary>A record that is new. False where no more can be taken: the reader detaches, and comes back with the next one.</summary>
    bool TryHandle(in PublicationRecord record);

    /// <summary>A record from before this process was there: its id is taken note of, and nobody receives it.</summary>
    void Remember(in PublicationRecord record);
}
