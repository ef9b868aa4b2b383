namespace Push.Edge.Telemetry;

/// <summary>What became of a publication on this Edge.</summary>
internal enum PublicationOutcome
{
    /// <summary>Handed to the fan-out.</summary>
    FannedOut,

    /// <summary>Nobody here is in its room.</summary>
    Skipped,

    /// <summary>Published before, with the same id and target.</summary>
    Duplicate,

    /// <summary>Malformed: set aside.</summary>
    Malformed,

    /// <summary>Longer than <c>Pushes:MaxMessageBytes</c> of this Edge: set aside.</summary>
    TooLarge,
}
