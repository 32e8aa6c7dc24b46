using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Server.Wire;
using Microsoft.AspNetCore.Http;

namespace AdaptiveKv.Server;

/// <summary>Whether a request has the key: hashes are compared, in a time that says nothing of where they differ or how long the key is.</summary>
/// <param name="key">The key.</param>
internal sealed class KeyCheck(string key)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Refuses a request without the key.</summary>
    /// <exception cref="ApiException">It has none, or another one.</exception>
    public void Require(HttpRequest request)
    {
        string given = request.Headers.Authorization.ToString();
        bool isBearer = given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(isBearer ? given[Scheme.Length..].Trim() : string.Empty));
        if (!CryptographicOperations.FixedTimeEquals(hash, expected) || !isBearer)
        {
            throw new ApiException(401, "invalid_api_key", "the key is missing or wrong: send the header 'Authorization: Bearer KEY' with the server's --api-key");
        }
    }
}
