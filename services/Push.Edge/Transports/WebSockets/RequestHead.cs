using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using KestrelMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;
using KestrelVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace Push.Edge.Transports.WebSockets;

/// <summary>
/// Reads the head of a connection's first request as it arrives, as far as needed to know whether it is a WebSocket handshake of
/// <c>/ws</c>. Kestrel's own parser does the reading, so both ways in agree on what HTTP is.
/// </summary>
/// <param name="keepsExtensions">Whether <c>Sec-WebSocket-Extensions</c> matters: most clients send it.</param>
internal sealed class RequestHead(bool keepsExtensions = false) : IHttpRequestLineHandler, IHttpHeadersHandler
{
    private static readonly HttpParser<RequestHead> Parser = new(showErrorDetails: false);

    private static readonly SearchValues<byte> PlainHost =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:[]"u8);

    private static ReadOnlySpan<byte> NetworkGateway => "x-push-network-gateway"u8; // PushHeaders.NetworkGateway

    private bool _hasRequestLine;
    private bool _isOurs = true;
    private bool _upgradesConnection;
    private bool _upgradesToWebSocket;
    private string _query = "";
    private string? _version;
    private string? _key;
    private string? _extensions;
    private string? _origin;
    private string? _host;
    private bool _isThroughNetworkGateway;

    /// <summary>What has been read; the head must be complete.</summary>
    public HandshakeRequest ToRequest() => new()
    {
        IsUpgrade = true,
        Version = _version,
        Key = _key,
        Extensions = _extensions,
        Origin = _origin,
        Host = _host,
        IsThroughNetworkGateway = _isThroughNetworkGateway,
        Query = _query,
    };

    /// <summary>What the bytes are, as far as <see cref="Read"/> has seen them.</summary>
    public RequestHeadStatus Status { get; private set; }

    /// <summary>Of a complete head, in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Reads on where the last call stopped.</summary>
    /// <param name="buffer">The connection's bytes from the first one on.</param>
    public void Read(in ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer.Slice(Length));
        if (!_hasRequestLine && reader.AdvancePastAny((byte)'\r', (byte)'\n') > 0)
        {
            // Empty lines may come before a request (RFC 9112, section 2.2). A client that sends nothing else has no request, and gets no more time.
            Status = reader.End ? RequestHeadStatus.Incomplete : RequestHeadStatus.NotOurs;
            return;
        }

        try
        {
            if (!_hasRequestLine && !Parser.ParseRequestLine(this, ref reader))
            {
                return;
            }

            var isComplete = _isOurs && Parser.ParseHeaders(this, ref reader);
            Length += reader.Consumed;
            if (!_isOurs || isComplete)
            {
                Status = _isOurs && _upgradesConnection && _upgradesToWebSocket && _host is not null ? RequestHeadStatus.Handshake : RequestHeadStatus.NotOurs;
            }
        }
        catch (BadHttpRequestException)
        {
            // Kestrel will find the same fault and answer it.
            Status = RequestHeadStatus.NotOurs;
        }
    }

    public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        _hasRequestLine = true;
        var path = startLine.Slice(targetPath.Offset, targetPath.Length);
        _isOurs = versionAndMethod is { Method: KestrelMethod.Get, Version: KestrelVersion.Http11 } && path.SequenceEqual("/ws"u8);
        if (_isOurs)
        {
            _query = Encoding.Latin1.GetString(startLine[(targetPath.Offset + targetPath.Length)..]);
        }
    }

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // Kestrel refuses a field with a NUL once it is read as text.
        _isOurs &= !value.Contains((byte)0);

        // The first letter keeps the dozen of other fields that browsers send out of the comparisons.
        switch (name[0] | 0x20)
        {
            case 'c' when Is(name, "connection"u8):
                _upgradesConnection |= HasToken(value, "upgrade"u8);
                break;
            case 'c' when Is(name, "content-length"u8):
            case 't' when Is(name, "transfer-encoding"u8):
                _isOurs = false; // a body would be taken for frames
                break;
            case 'u' when Is(name, "upgrade"u8):
                _upgradesToWebSocket |= HasToken(value, "websocket"u8);
                break;
            case 'h' when Is(name, "host"u8):
                _isOurs &= !value.ContainsAnyExcept(PlainHost); // what else a host may hold is Kestrel's to judge
                Keep(ref _host, value);
                break;
            case 'o' when Is(name, "origin"u8):
                Keep(ref _origin, value);
                break;
            case 'x' when Is(name, NetworkGateway):
                _isThroughNetworkGateway = true;
                break;
            case 's' when keepsExtensions && Is(name, "sec-websocket-extensions"u8):
                _extensions = _extensions is null ? Encoding.Latin1.GetString(value) : $"{_extensions},{Encoding.Latin1.GetString(value)}";
                break;
            case 's' when Is(name, "sec-websocket-key"u8):
                Keep(ref _key, value);
                break;
            case 's' when Is(name, "sec-websocket-version"u8):
                Keep(ref _version, value, HandshakeRequest.SupportedVersion);
                break;
        }
    }

    public void OnHeadersComplete(bool endStream)
    {
        // ParseHeaders returns true.
    }

    public void OnStaticIndexedHeader(int index) => throw new NotSupportedException("HTTP/1.1 has no indexed fields.");

    public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException("HTTP/1.1 has no indexed fields.");

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase) => Ascii.EqualsIgnoreCase(text, lowerCase);

    private static bool HasToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Is(list[range].Trim(" \t"u8), token))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Of a field that may stand only once: a second one is for Kestrel to judge.</summary>
    /// <param name="field">Where it is kept.</param>
    /// <param name="value">What it holds.</param>
    /// <param name="usual">What nearly everybody sends.</param>
    private void Keep(ref string? field, ReadOnlySpan<byte> value, string usual = "")
    {
        _isOurs &= field is null;
        field = Ascii.Equals(value, usual) ? usual : Encoding.Latin1.GetString(value);
    }
}

/// <summary>What the bytes of a new connection are so far.</summary>
internal enum RequestHeadStatus
{
    Incomplete,

    /// <summary>A WebSocket handshake of <c>/ws</c>, well-formed or not.</summary>
    Handshake,

    /// <summary>Anything else, including what is no HTTP at all: ASP.NET Core's to answer.</summary>
    NotOurs,
}
