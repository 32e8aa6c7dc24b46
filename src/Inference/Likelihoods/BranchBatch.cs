using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Collects tokens of known tiers, branch after branch, and runs them in batches; a branch may continue in the next batch.</summary>
internal sealed class BranchBatch(Session session, int limit)
{
    private readonly List<int> tokens = new(limit);
    private readonly List<KvTier> tiers = new(limit);
    private readonly List<Segment> segments = [];
    private readonly List<(int Row, int Ending, int Index)> wanted = [];
    private Visitor visit = (_, _, _) => { };

    /// <summary>Receives what was wanted.</summary>
    /// <param name="ending">Branch; -1 for the common context.</param>
    /// <param name="index">Token within the branch.</param>
    /// <param name="logits">[vocabulary] after it.</param>
    public delegate void Visitor(int ending, int index, ReadOnlySpan<float> logits);

    /// <summary>Begins an item.</summary>
    public void Start(Visitor visitor) => visit = visitor;

    /// <summary>Adds one token; runs a batch when it is full.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="position">Its position.</param>
    /// <param name="tier">Its tier.</param>
    /// <param name="begins">Whether a branch begins here.</param>
    /// <param name="isWanted">Whether its logits are wanted.</param>
    /// <param name="place">Branch and index, handed on to the visitor.</param>
    public void Add(int token, int position, KvTier tier, bool begins, bool isWanted, (int Ending, int Index) place)
    {
        if (tokens.Count == limit)
        {
            Flush();
        }

        if (begins || segments.Count == 0)
        {
            segments.Add(new Segment(position, 0));
        }

        segments[^1] = segments[^1] with { Count = segments[^1].Count + 1 };
        if (isWanted)
        {
            wanted.Add((tokens.Count, place.Ending, place.Index));
        }

        tokens.Add(token);
        tiers.Add(tier);
    }

    /// <summary>Runs what was collected.</summary>
    public void Flush()
    {
        if (tokens.Count > 0)
        {
            session.Run(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(segments), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tiers));
            VisitRuns();
        }

        tokens.Clear();
        tiers.Clear();
        segments.Clear();
        wanted.Clear();
    }

    // Neighbouring rows share a pass over the output matrix.
    private void VisitRuns()
    {
        for (int first = 0; first < wanted.Count;)
        {
            int end = first + 1;
            while (end < wanted.Count && wanted[end].Row == wanted[end - 1].Row + 1)
            {
                end++;
            }

            int next = first;
            session.VisitLogits(wanted[first].Row, end - first, (row, logits) =>
            {
                visit(wanted[next].Ending, wanted[next].Index, logits);
                next++;
            });
            first = end;
        }
    }
}

/// <summary>Logits after one token of a batch of branches.</summary>
/// <param name="logits">[vocabulary].</param>
/// <param name="ending">Branch; -1 for the common context.</param>
/// <param name="index">Token within the branch.</param>
internal readonly ref struct BranchRow(ReadOnlySpan<float> logits, int ending, int index)
{
    public ReadOnlySpan<float> Logits { get; } = logits;

    public int Ending { get; } = ending;

    public int Index { get; } = index;
}
