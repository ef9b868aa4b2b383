using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Push.Auth.Tokens;

namespace Push.Benchmarks.Tokens;

/// <summary>One check of a token that was never seen before, next to the library's own validation of the same tokens.</summary>
[MemoryDiagnoser]
public class TokenReaderBenchmarks
{
    private const int Tokens = 4_096;
    private const string Secret = "a secret of more than thirty-two bytes, for benchmarks";

    private readonly string[] _wrapped = new string[Tokens];
    private readonly string[] _bare = new string[Tokens];
    private readonly JsonWebTokenHandler _handler = new();
    private readonly TokenValidationParameters _parameters = new()
    {
        ValidIssuer = "push",
        ValidAudience = "push",
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)) { KeyId = "k1" },
    };

    private TokenIssuer _issuer = null!;
    private Push.Auth.Tokens.TokenReader _reader = null!;
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Tokens:SigningKeys:0:Id", "k1"), new("Tokens:SigningKeys:0:Secret", Secret)]);
        var services = builder.AddTokens().Services.BuildServiceProvider();
        _issuer = services.GetRequiredService<TokenIssuer>();
        _reader = services.GetRequiredService<Push.Auth.Tokens.TokenReader>();
        for (var i = 0; i < Tokens; i++)
        {
            _wrapped[i] = Issue();
            _bare[i] = Encoding.ASCII.GetString(Convert.FromBase64String(_wrapped[i])).TrimEnd();
        }
    }

    [Benchmark]
    public bool ReadWrapped() => _reader.TryRead(_wrapped[Next()], out _);

    [Benchmark]
    public bool ReadBare() => _reader.TryRead(_bare[Next()], out _);

    /// <summary>Costs an attacker's token no more than the signature.</summary>
    [Benchmark]
    public bool RefuseForged() => _reader.TryRead(_bare[Next()].AsSpan(1), out _);

    [Benchmark(Baseline = true)]
    public async Task<bool> ValidateBareWithTheLibrarysHandler() => (await _handler.ValidateTokenAsync(_bare[Next()], _parameters)).IsValid;

    [Benchmark]
    public string Issue() => _issuer.Issue("device-4711", "user-4711", isLogin: true);

    private int Next() => _next++ & (Tokens - 1);
}
