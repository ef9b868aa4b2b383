using System.ComponentModel.DataAnnotations;

namespace Push.Messaging;

/// <summary>How the services use the broker. Section <c>Bus</c>; the address itself is <c>ConnectionStrings:RabbitMq</c>.</summary>
public sealed class BusOptions : IValidatableObject
{
    public const string Section = "Bus";

    /// <summary>How long a publish may wait for the broker's confirmation. 100 ms to 1 minute; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the stream keeps a message, in whole segments. 1 minute to 365 days; default 1 hour. Read when the stream is created.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan RetentionAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many bytes the stream keeps, in whole segments. 1 MiB or more; default 2 GiB. Read when the stream is created.</summary>
    [Range(typeof(long), "1048576", "9223372036854775807")]
    public long RetentionBytes { get; set; } = 2L << 30;

    /// <summary>Size of one segment file, the unit of retention. 64 KiB to 3 GB; default 64 MiB. Read when the stream is created.</summary>
    [Range(typeof(long), "65536", "3000000000")]
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>How long a publication's id is remembered, and how far back a starting Edge reads. 1 s to 1 hour; default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DuplicateWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many ids are remembered at most, whatever their age. 1,000 to 10,000,000; default 500,000 (about 50 MB when full).</summary>
    [Range(1_000, 10_000_000)]
    public int DuplicateCapacity { get; set; } = 500_000;

    /// <summary>The longest pause between two attempts to reach the broker. 50 ms to 1 minute; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>AMQP heartbeat: a broker that has been silent for twice as long is given up. 1 s to 5 minutes; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SegmentBytes > RetentionBytes)
        {
            yield return new ValidationResult("must not be larger than RetentionBytes", [nameof(SegmentBytes)]);
        }
    }
}
