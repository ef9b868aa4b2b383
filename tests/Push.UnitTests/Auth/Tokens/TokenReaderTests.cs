using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Push.Contracts;
using Xunit;

namespace Push.UnitTests.Auth.Tokens;

public sealed class TokenReaderTests : IDisposable
{
    private const string Hs256Header = """{"alg":"HS256","typ":"JWT"}""";

    private static readonly Gen<string> Ids = Gen
        .String[Gen.OneOf(Gen.Char.AlphaNumeric, Gen.Char['\u0020', '\ud7ff'], Gen.Char['\ue000', '\uffff']), 1, PrincipalId.MaxLength]
        .Where(id => PrincipalId.IsValid(id));

    private readonly TokenFixture _tokens = new();

    public void Dispose() => _tokens.Dispose();

    [Fact]
    public void Reads_what_the_issuer_wrote_for_ids_of_any_characters() =>
        Gen.Select(Ids, Ids, Gen.Bool).Sample((deviceId, userId, isLogin) =>
        {
            var token = _tokens.Issuer.Issue(deviceId, userId, isLogin);

            Assert.True(_tokens.Reader.TryRead(token, out var session));
            Assert.Equal((deviceId, userId, isLogin), (session.DeviceId, session.UserId, session.IsLogin));
            Assert.Equal(_tokens.Time.GetUtcNow() + TimeSpan.FromHours(24), session.ExpiresAt);
            Assert.DoesNotContain(token, c => !char.IsAsciiLetterOrDigit(c));
        }, iter: 500);

    [Fact]
    public void Reads_the_longest_ids_of_characters_beyond_the_basic_plane()
    {
        var id = string.Concat(Enumerable.Repeat("⚽", PrincipalId.MaxLength / 2)) + string.Concat(Enumerable.Repeat("🏆", PrincipalId.MaxLength / 4));

        Assert.True(_tokens.Reader.TryRead(_tokens.Issuer.Issue(id, id, isLogin: true), out var session));
        Assert.Equal((id, id), (session.UserId, session.DeviceId));
    }

    [Fact]
    public void Sessions_have_ids_of_their_own()
    {
        Assert.True(_tokens.Reader.TryRead(_tokens.Issuer.Issue("d", null, isLogin: false), out var first));
        Assert.True(_tokens.Reader.TryRead(_tokens.Issuer.Issue("d", null, isLogin: false), out var second));
        Assert.NotEqual(first.TokenId, second.TokenId);
    }

    [Fact]
    public void Reads_the_bare_form_too()
    {
        Assert.True(_tokens.Reader.TryRead(Bare(_tokens.Issuer.Issue("device", null, isLogin: false)), out var session));
        Assert.Equal("device", session.DeviceId);
    }

    [Fact]
    public void Reads_every_canonical_Base64_of_a_token_of_another_back_end()
    {
        for (var idLength = 1; idLength <= 3; idLength++)
        {
            var jwt = Encoding.ASCII.GetBytes(Sign(Hs256Header, Payload(("deviceId", $"\"{new string('d', idLength)}\""))));
            var standard = Convert.ToBase64String(jwt);
            foreach (var token in (string[])[standard, standard.TrimEnd('='), Base64Url.EncodeToString(jwt)])
            {
                Assert.True(_tokens.Reader.TryRead(token, out _), token);
                Assert.Equal(token + "=" == standard, _tokens.Reader.TryRead(token + "=", out _));
                foreach (var c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_".Where(c => c != token.TrimEnd('=')[^1]))
                {
                    var last = token.TrimEnd('=').Length - 1;
                    Assert.False(_tokens.Reader.TryRead(token[..last] + c + token[(last + 1)..], out _), $"{token} with {c} at its end");
                }
            }
        }
    }

    [Theory]
    [InlineData("""{"alg":"HS256","typ":"JWT","crit":["exp"]}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","crit":[]}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"none","alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","Alg":"none"}""")]
    [InlineData("""{"alg":["HS256"]}""")]
    public void Refuses_a_well_signed_token_whose_header_is_not_understood_alike_by_all(string header) =>
        Assert.False(_tokens.Reader.TryRead(Sign(header, Payload()), out _));

    [Theory]
    [InlineData("deviceId", "[\"device\"]")]
    [InlineData("deviceId", "{\"a\":\"device\"}")]
    [InlineData("deviceId", "7")]
    [InlineData("deviceId", "true")]
    [InlineData("userId", "[\"user\"]")]
    [InlineData("userId", "7")]
    [InlineData("exp", "\"4102444800\"")]
    [InlineData("exp", "[4102444800]")]
    [InlineData("exp", "-1")]
    [InlineData("jti", "[\"session\"]")]
    [InlineData("deviceId", "\"device\",\"deviceId\":\"other\"")]
    [InlineData("deviceId", "\"device\",\"DeviceId\":\"other\"")]
    [InlineData("exp", "4102444800,\"exp\":4102444801")]
    public void Refuses_a_well_signed_token_with_a_claim_of_another_type_or_twice(string claim, string value) =>
        Assert.False(_tokens.Reader.TryRead(Sign(Hs256Header, Payload((claim, value))), out _));

    [Fact]
    public void Refuses_a_token_with_any_single_character_altered()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \t\0ä";
        for (var idLength = 1; idLength <= 3; idLength++)
        {
            var wrapped = _tokens.Issuer.Issue(new string('d', idLength), null, isLogin: false);
            foreach (var token in (string[])[wrapped, Bare(wrapped)])
            {
                for (var i = 0; i < token.Length; i++)
                {
                    foreach (var c in Alphabet.Where(c => c != token[i]))
                    {
                        var altered = token[..i] + c + token[(i + 1)..];
                        if (altered == Convert.ToBase64String(Encoding.ASCII.GetBytes(Bare(wrapped))))
                        {
                            // Not an alteration: another back end's way to wrap the same token.
                            continue;
                        }

                        Assert.False(_tokens.Reader.TryRead(altered, out _), $"Character {i} of {token.Length} as '{c}' was accepted.");
                    }
                }
            }
        }
    }

    [Fact]
    public void Refuses_a_truncated_or_extended_token()
    {
        var wrapped = _tokens.Issuer.Issue("device", null, isLogin: false);
        foreach (var token in (string[])[wrapped, Bare(wrapped)])
        {
            for (var length = 0; length < token.Length; length++)
            {
                var isOtherForm = token[..length] == Convert.ToBase64String(Encoding.ASCII.GetBytes(Bare(wrapped))).TrimEnd('=');
                Assert.Equal(isOtherForm, _tokens.Reader.TryRead(token.AsSpan(0, length), out _));
            }

            foreach (var end in (string[])[" ", "=", "\n", "A", ".", "ICAg"])
            {
                Assert.False(_tokens.Reader.TryRead(token + end, out _));
                Assert.False(_tokens.Reader.TryRead(end + token, out _));
            }
        }
    }

    [Fact]
    public void Refuses_junk_without_throwing() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char.AlphaNumeric, 0, 5000], Gen.String[Gen.Char["eyJ.-_=+/ "], 0, 200])
            .Sample(junk => Assert.False(_tokens.Reader.TryRead(junk, out _)), iter: 2_000);

    [Fact]
    public void Refuses_a_signature_of_nothing() => Assert.False(_tokens.Reader.TryRead("." + new string('A', 43), out _));

    [Fact]
    public void Refuses_a_missing_token() => Assert.False(_tokens.Reader.TryRead(null, out _));

    [Fact]
    public void A_token_ends_at_its_expiry_to_the_tick()
    {
        var token = _tokens.Issuer.Issue("device", null, isLogin: false);
        _tokens.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        Assert.True(_tokens.Reader.TryRead(token, out _));

        _tokens.Time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_tokens.Reader.TryRead(token, out _));
    }

    [Fact]
    public void Reads_a_token_that_another_back_end_minted_with_no_key_id() =>
        Assert.True(_tokens.Reader.TryRead(Sign(Hs256Header, Payload()), out _));

    [Theory]
    [InlineData("iss", null)]
    [InlineData("iss", "\"someone\"")]
    [InlineData("aud", null)]
    [InlineData("aud", "\"pull\"")]
    [InlineData("exp", null)]
    [InlineData("exp", "1")]
    [InlineData("exp", "\"soon\"")]
    [InlineData("nbf", "4102444800")]
    [InlineData("jti", null)]
    [InlineData("jti", "\"\"")]
    [InlineData("jti", "\"a}b\"")]
    [InlineData("jti", "7")]
    [InlineData("isLogin", null)]
    [InlineData("isLogin", "\"perhaps\"")]
    [InlineData("isLogin", "true")]
    [InlineData("deviceId", null)]
    [InlineData("deviceId", "\"\"")]
    [InlineData("deviceId", "\"a\\u0007b\"")]
    [InlineData("deviceId", "\"a\\ud800b\"")]
    public void Refuses_a_well_signed_token_with_a_claim_missing_or_wrong(string claim, string? value) =>
        Assert.False(_tokens.Reader.TryRead(Sign(Hs256Header, Payload((claim, value))), out _));

    [Theory]
    [InlineData("not json")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    public void Refuses_a_well_signed_token_that_holds_no_claims(string payload) =>
        Assert.False(_tokens.Reader.TryRead(Sign(Hs256Header, payload), out _));

    [Theory]
    [InlineData("none")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    public void The_token_does_not_choose_the_algorithm(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","typ":"JWT"}""";
        var input = Encode(header) + "." + Encode(Payload());
        var key = Encoding.UTF8.GetBytes(TokenFixture.Secret);

        Assert.False(_tokens.Reader.TryRead(input + ".", out _));
        Assert.False(_tokens.Reader.TryRead(Sign(header, Payload()), out _));
        Assert.False(_tokens.Reader.TryRead(input + "." + Encode(HMACSHA384.HashData(key, Encoding.ASCII.GetBytes(input))), out _));
        Assert.False(_tokens.Reader.TryRead(input + "." + Encode(HMACSHA512.HashData(key, Encoding.ASCII.GetBytes(input))), out _));
    }

    private static string Bare(string wrapped) => Encoding.ASCII.GetString(Convert.FromBase64String(wrapped)).TrimEnd();

    /// <summary>A valid token's claims, with one of them replaced or, for null, left out.</summary>
    private static string Payload((string Name, string? Value)? change = null)
    {
        var claims = new Dictionary<string, string?>
        {
            ["iss"] = "\"push\"",
            ["aud"] = "\"push\"",
            ["jti"] = "\"t1\"",
            ["deviceId"] = "\"d1\"",
            ["isLogin"] = "false",
            ["exp"] = "4102444799",
        };
        if (change is { } one)
        {
            claims[one.Name] = one.Value;
        }

        return "{" + string.Join(',', claims.Where(claim => claim.Value is not null).Select(claim => $"\"{claim.Key}\":{claim.Value}")) + "}";
    }

    private static string Sign(string header, string payload)
    {
        var input = Encode(header) + "." + Encode(payload);
        return input + "." + Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(TokenFixture.Secret), Encoding.ASCII.GetBytes(input)));
    }

    private static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
