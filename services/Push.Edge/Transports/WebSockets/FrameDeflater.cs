using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace Push.Edge.Transports.WebSockets;

/// <summary>
/// Compresses messages (RFC 7692, section 7.2.1), each by itself, so that one frame serves every connection. The framework's own
/// WebSocket does the work, over memory instead of a network. One caller at a time.
/// </summary>
internal sealed class FrameDeflater : IDisposable
{
    /// <summary>
    /// No reference reaches back further than 2^11 bytes: clients that have memory for no larger window (RFC 7692, section 7.1.2.1) are served by the same
    /// frame. Messages of 2 KiB lose nothing, and those of 32 KiB little.
    /// </summary>
    public const int WindowBits = 11;

    private readonly MemoryStream _frame = new();
    private readonly WebSocket _encoder;
    private readonly int _minBytes;

    public FrameDeflater(IOptions<CompressionOptions> options)
    {
        _minBytes = options.Value.Enabled ? options.Value.MinBytes : int.MaxValue;
        _encoder = WebSocket.CreateFromStream(_frame, new WebSocketCreationOptions
        {
            IsServer = true,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            DangerousDeflateOptions = new WebSocketDeflateOptions { ServerContextTakeover = false, ClientContextTakeover = false, ServerMaxWindowBits = WindowBits },
        });
    }

    /// <summary>False where the payload goes out as it is, whoever asks.</summary>
    public bool Compresses(int payloadLength) => payloadLength >= _minBytes;

    /// <summary>A whole compressed text frame, valid until the next call; empty where it is not smaller than the plain one.</summary>
    public ReadOnlySpan<byte> Deflate(ReadOnlyMemory<byte> payload)
    {
        _frame.SetLength(0);

        // Into memory: done when the call returns.
        _encoder.SendAsync(payload, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return _frame.Length < ServerFrame.Length(payload.Length) ? _frame.GetBuffer().AsSpan(0, (int)_frame.Length) : [];
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _frame.Dispose();
    }
}

/// <summary>
/// Negotiates permessage-deflate (RFC 7692, section 7.1): the first of a client's offers that holds nothing unknown, invalid, repeated or
/// impossible. Every message is compressed by itself, both ways, so that nothing is kept for a connection.
/// </summary>
internal static class DeflateOffer
{
    private const string Name = "permessage-deflate";
    private const string Accepted = $"{Name}; server_no_context_takeover; client_no_context_takeover";

    private static readonly string AcceptedWithWindow = $"{Accepted}; server_max_window_bits={FrameDeflater.WindowBits}";

    private enum Parameter
    {
        Unknown = 0,
        ServerNoContextTakeover = 1,
        ClientNoContextTakeover = 2,
        ServerMaxWindowBits = 4,
        ClientMaxWindowBits = 8,
    }

    /// <summary>The response's <c>Sec-WebSocket-Extensions</c> for the request's; null where no offer can be accepted.</summary>
    public static string? Answer(ReadOnlySpan<char> offers)
    {
        // Neither names nor values may hold commas or semicolons, quoted or not (RFC 6455, section 9.1).
        foreach (var range in offers.Split(','))
        {
            if (TryAccept(offers[range], out var namesWindow))
            {
                return namesWindow ? AcceptedWithWindow : Accepted;
            }
        }

        return null;
    }

    private static bool TryAccept(ReadOnlySpan<char> offer, out bool namesWindow)
    {
        var (isNamed, seen) = (false, Parameter.Unknown);
        namesWindow = false;
        foreach (var range in offer.Split(';'))
        {
            var part = offer[range].Trim(" \t");
            if (!isNamed)
            {
                isNamed = part.SequenceEqual(Name);
                if (isNamed)
                {
                    continue;
                }
            }

            var parameter = isNamed ? Read(part) : Parameter.Unknown;
            if (parameter == Parameter.Unknown || (seen & parameter) != 0)
            {
                return false;
            }

            seen |= parameter;
        }

        // A window that the client limits must be confirmed.
        namesWindow = (seen & Parameter.ServerMaxWindowBits) != 0;
        return true;
    }

    private static Parameter Read(ReadOnlySpan<char> text)
    {
        var equals = text.IndexOf('=');
        if (equals < 0)
        {
            return text switch
            {
                "server_no_context_takeover" => Parameter.ServerNoContextTakeover,
                "client_no_context_takeover" => Parameter.ClientNoContextTakeover,
                "client_max_window_bits" => Parameter.ClientMaxWindowBits,
                _ => Parameter.Unknown,
            };
        }

        var bits = WindowBits(text[(equals + 1)..].Trim(" \t"));
        return text[..equals].Trim(" \t") switch
        {
            "server_max_window_bits" when bits >= FrameDeflater.WindowBits => Parameter.ServerMaxWindowBits,

            // Says what the client could do with less; it is left to compress as it likes.
            "client_max_window_bits" when bits > 0 => Parameter.ClientMaxWindowBits,
            _ => Parameter.Unknown,
        };
    }

    /// <summary>8 to 15, without leading zeros, bare or quoted (RFC 7692, section 7.1.2); else 0.</summary>
    private static int WindowBits(ReadOnlySpan<char> value)
    {
        value = value is ['"', .. var quoted, '"'] ? quoted : value;
        return value switch
        {
            ['8' or '9'] => value[0] - '0',
            ['1', >= '0' and <= '5'] => 10 + value[1] - '0',
            _ => 0,
        };
    }
}
