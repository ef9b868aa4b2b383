using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class DeflateOfferTests
{
    private const string Accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    private const string WithWindow = Accepted + "; server_max_window_bits=11";

    [Theory]
    [InlineData("permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits")] // Chromium, Firefox, Node.js
    [InlineData("permessage-deflate;client_max_window_bits=15")]
    [InlineData("permessage-deflate; client_max_window_bits=\"8\"")]
    [InlineData("permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("  permessage-deflate\t;\tclient_max_window_bits = 9 ")]
    [InlineData("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=10, permessage-deflate")]
    [InlineData(",permessage-deflate,")]
    public void An_offer_is_accepted_without_context_takeover(string offers) => Assert.Equal(Accepted, DeflateOffer.Answer(offers));

    [Theory]
    [InlineData("permessage-deflate; server_max_window_bits=11; client_max_window_bits=11")] // Python's websockets, to save memory
    [InlineData("permessage-deflate; server_max_window_bits=15")]
    [InlineData("permessage-deflate; server_max_window_bits=\"13\"")]
    [InlineData("permessage-deflate; server_max_window_bits=12, permessage-deflate")]
    public void A_window_that_the_client_names_is_confirmed(string offers) => Assert.Equal(WithWindow, DeflateOffer.Answer(offers));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x-webkit-deflate-frame")]
    [InlineData("permessage-deflate-2")]
    [InlineData("\"permessage-deflate\"")]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate; unknown=1")]
    [InlineData("permessage-deflate;")]
    [InlineData("permessage-deflate; permessage-deflate")]
    [InlineData("permessage-deflate permessage-deflate")]
    [InlineData("unknown; permessage-deflate")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; server_no_context_takeover=true")]
    [InlineData("permessage-deflate; client_no_context_takeover=1")]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=7")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; client_max_window_bits=08")]
    [InlineData("permessage-deflate; client_max_window_bits=")]
    [InlineData("permessage-deflate; client_max_window_bits=\"\"")]
    [InlineData("permessage-deflate; client_max_window_bits=\"9")]
    [InlineData("permessage-deflate; client_max_window_bits=1 0")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=10")] // valid, but more than the compressor promises
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=012")]
    [InlineData("permessage-deflate; server_max_window_bits=12; server_max_window_bits=13")]
    public void An_offer_with_anything_unknown_invalid_or_impossible_is_declined(string? offers) => Assert.Null(DeflateOffer.Answer(offers));
}
