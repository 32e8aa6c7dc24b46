using System.Net;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Server;

/// <summary>What is served, and within which limits.</summary>
public sealed record ServerOptions
{
    /// <summary>The model's name, as clients give it.</summary>
    public required string Name { get; init; }

    /// <summary>Where the server listens; port 0 for any free one.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>What clients must send as a bearer token; null where everyone may ask.</summary>
    public string? Key { get; init; }

    /// <summary>Each makes the policy of one sequence; with a budget a sequence takes the first that fits into its share, from many bits to few.</summary>
    public required IReadOnlyList<Func<PrecisionPolicy>> Policies { get; init; }

    /// <summary>Most bytes of all caches together; null for no limit.</summary>
    public long? Budget { get; init; }

    /// <summary>How tokens are coded.</summary>
    public required KvCacheOptions Code { get; init; }

    /// <summary>Threads of the engine.</summary>
    public required int Threads { get; init; }

    /// <summary>Sequences that run at a time.</summary>
    public int Slots { get; init; } = 8;

    /// <summary>Sequences that wait at most.</summary>
    public int Queue { get; init; } = 128;

    /// <summary>Most tokens of an answer where the request does not say.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Most time of a request, waiting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a cache is kept after its answer's end, for requests that begin alike.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Seed of requests that bring none; each of them gets another one.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most bytes of a request's body.</summary>
    public long MaxBody { get; init; } = 4 << 20;
}
