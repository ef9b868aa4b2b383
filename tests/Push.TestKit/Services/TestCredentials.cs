namespace Push.TestKit.Services;

/// <summary>The signing key of every topology: with it a test can make tokens that no service would issue.</summary>
public static class TestCredentials
{
    public const string SigningKeyId = "test";
    public const string SigningSecret = "a-secret-of-the-tests-that-guards-nothing";
}
