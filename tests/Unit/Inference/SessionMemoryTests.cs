using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>
/// Whatever a session does with 4,096 tokens (2,048 in float) at 2 bits, its memory stays far below a 16-bit copy of its cache: everything native from the
/// session's making on, prompt scratch and staging included, and everything managed on all threads.
/// </summary>
[Collection(Alone.Name)]
public sealed class SessionMemoryTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Tokens = 4096;
    private const int Chunk = 32;

    private static readonly KvTier Two = KvTier.Of(BitWidth.Two);

    public static TheoryData<string> Ways => ["decode", "decode in float", "prefill", "two passes", "recent window", "truncate and refill"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Nothing_of_the_size_of_a_dequantized_cache_is_allocated(string way)
    {
        int[] text = micro.Tokens(256);
        int length = way == "decode in float" ? Tokens / 2 : Tokens; // The slow way: its time grows with the square.
        int[] tokens = [.. Enumerable.Range(0, length).Select(i => text[i % text.Length])];
        MemoryGrowth growth = new();
        using Session session = new(micro.Int8, new SessionOptions
        {
            Threads = 2,
            MaxBatch = Chunk,
            PreciseAttention = way == "decode in float",
            Cache = new KvCacheOptions { MaxTokens = length },
        });

        Read(session, way, tokens);

        CacheStatistics cache = session.Cache.Statistics();
        long sixteen = cache.ElementsPerToken * length * sizeof(ushort);
        long rotary = 2L * length * session.Cache.Shape.HeadDim * sizeof(float); // By position; knows nothing of keys.
        TestContext.Current.TestOutputHelper?.WriteLine($"{way}: cache {cache.Bytes:N0}, native peak {growth.Native:N0}, managed {growth.Managed:N0}; at 16 bits {sixteen:N0}");
        Assert.Equal(length, cache.Tokens);
        Assert.InRange(growth.Total - rotary, cache.PeakBytes, sixteen / 2);
    }

    private static void Read(Session session, string way, int[] tokens)
    {
        switch (way)
        {
            case "decode" or "decode in float":
                Decode(session, tokens);
                break;
            case "prefill":
                Prefill(session, tokens);
                break;
            case "two passes":
                KvTier[] tiers = [.. Enumerable.Repeat(Two, Chunk)];
                for (int done = 0; done < Tokens; done += Chunk)
                {
                    session.Run(tokens.AsSpan(done, Chunk), [new Segment(done, Chunk)], tiers);
                }

                break;
            case "recent window":
                for (int done = 0; done < Tokens; done += Chunk)
                {
                    session.RunRecent(tokens.AsSpan(done, Chunk), Chunk, [.. Enumerable.Repeat(Two, session.Cache.Staged)]);
                }

                break;
            default:
                Prefill(session, tokens);
                session.Cache.Truncate(Tokens / 2);
                Decode(session, tokens.AsSpan(Tokens / 2, 500));
                session.Cache.Rewind(Tokens / 2);
                Prefill(session, tokens.AsSpan(Tokens / 2));
                break;
        }
    }

    private static void Decode(Session session, ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            session.Decode(token);
            session.Encode(Two);
        }
    }

    private static void Prefill(Session session, ReadOnlySpan<int> tokens)
    {
        for (int done = 0; done < tokens.Length; done += Chunk)
        {
            session.Prefill(tokens.Slice(done, Chunk));
            session.Encode([.. Enumerable.Repeat(Two, Chunk)]);
        }
    }
}
