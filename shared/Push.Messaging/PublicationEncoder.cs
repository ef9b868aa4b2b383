using System.Text.Json;
using Push.Contracts;

namespace Push.Messaging;

/// <summary>Writes the JSON of <see cref="PushRequested"/> from a publication that was decoded: the record of the stream.</summary>
internal static class PublicationEncoder
{
    public static void Write(scoped in DecodedPublication publication, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteText(writer, "id"u8, publication.Id);
        writer.WritePropertyName("message"u8);
        writer.WriteRawValue(MessageJson.Normalize(publication.Message), skipInputValidation: true);
        switch (publication.Target.Kind)
        {
            case RoomKeyKind.Room:
                writer.WriteString("roomId"u8, publication.Target.Id);
                break;
            case RoomKeyKind.User:
                writer.WriteString("userId"u8, publication.Target.Id);
                break;
            case RoomKeyKind.Device:
                writer.WriteString("deviceId"u8, publication.Target.Id);
                break;
            case RoomKeyKind.Nobody:
                throw new ArgumentException("The publication has no target.", nameof(publication));
        }

        WriteText(writer, "key"u8, publication.Key);
        WriteTime(writer, "occurredAt"u8, publication.OccurredAt);
        WriteTime(writer, "publishedAt"u8, publication.PublishedAt);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            writer.WriteString(name, given);
        }
    }
}
