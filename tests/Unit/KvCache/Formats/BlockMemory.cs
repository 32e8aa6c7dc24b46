using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>One block of up to 32 rows in a format, with queries and running sums: what the kernels of a format are called with.</summary>
internal sealed unsafe class BlockMemory : IDisposable
{
    private readonly NativeBuffer rows;
    private readonly NativeBuffer floats;
    private readonly nint[] units;
    private readonly int tokens;

    public BlockMemory(RowFormat format, int headDim, int groupSize, int heads, float[][] block)
    {
        tokens = block.Length;
        Format = format;
        Layout = new CodeLayout(headDim, groupSize, format.IsCoded ? CodeLayout.CodedTokens : 1, RangeSearch.MinMax);
        int perUnit = Layout.TokensPerUnit;
        int count = (tokens + perUnit - 1) / perUnit;
        int bytes = format.Bytes(Layout);
        rows = new NativeBuffer((long)count * bytes);
        units = [.. Enumerable.Range(0, count).Select(unit => (nint)(rows.Pointer + (unit * bytes)))];
        for (int token = 0; token < tokens; token++)
        {
            format.Write((byte*)units[token / perUnit], token % perUnit, block[token], Layout);
        }

        int groups = headDim / groupSize;
        int queryFloats = heads * headDim;
        int stateFloats = SoftmaxState.FloatsFor(heads, headDim, groups);
        floats = NativeBuffer.OfFloats((2 * queryFloats) + heads + (heads * groups) + stateFloats + ((heads + WideValues512.Rows) * StreamBlock.Tokens) + 64);
        float* codes = floats.Floats + queryFloats;
        float* scales = codes + queryFloats;
        float* sums = scales + heads;
        Queries = new QueryBlock(heads, headDim, groupSize, (nint)floats.Floats, (nint)codes, (nint)scales, (nint)sums);
        float* state = sums + (heads * groups);
        State = SoftmaxState.In(state, heads, headDim, groups);
        State.Clear();
        Scores = state + stateFloats;
    }

    public RowFormat Format { get; }

    public CodeLayout Layout { get; }

    public QueryBlock Queries { get; }

    public SoftmaxState State { get; }

    /// <summary>[heads][32].</summary>
    public float* Scores { get; }

    /// <summary>The rows as the format gives them back.</summary>
    public float[][] Stored()
    {
        float[][] stored = new float[tokens][];
        for (int token = 0; token < tokens; token++)
        {
            stored[token] = new float[Layout.HeadDim];
            Format.Read((byte*)units[token / Layout.TokensPerUnit], token % Layout.TokensPerUnit, stored[token], Layout);
        }

        return stored;
    }

    /// <summary>Writes one row again.</summary>
    public void Rewrite(int token, float[] row) =>
        Format.Write((byte*)units[token / Layout.TokensPerUnit], token % Layout.TokensPerUnit, row, Layout);

    /// <summary>Scores of the queries, [heads][tokens].</summary>
    public float[][] ScoresOf(float[][] queries)
    {
        for (int head = 0; head < queries.Length; head++)
        {
            queries[head].CopyTo(new Span<float>(Queries.Row(head), Layout.HeadDim));
        }

        Queries.Quantize();
        byte** pointers = stackalloc byte*[StreamBlock.Tokens];
        Point(pointers);
        KeyRows keys = (KeyRows)Format;
        keys.Scores(pointers, units.Length, Layout, Queries, Scores);
        float[][] scores = OfTokens(queries.Length);
        new Span<float>(Scores, queries.Length * StreamBlock.Tokens).Fill(float.NaN);
        Assert.True(!keys.SpreadScores(pointers, units.Length, Layout, Queries, Scores) || scores.Zip(OfTokens(queries.Length)).All(pair => pair.First.SequenceEqual(pair.Second)), "a block that is spread out has other scores");
        return scores;
    }

    /// <summary>Adds the rows with weights [heads][tokens] to the running sums; absent tokens weigh 0.</summary>
    public void Accumulate(float[][] weights)
    {
        new Span<float>(Scores, weights.Length * StreamBlock.Tokens).Clear();
        for (int head = 0; head < weights.Length; head++)
        {
            weights[head].CopyTo(new Span<float>(Scores + (head * StreamBlock.Tokens), StreamBlock.Tokens));
        }

        byte** pointers = stackalloc byte*[StreamBlock.Tokens];
        Point(pointers);
        ValueRows values = (ValueRows)Format;
        Span<float> state = new(State.Row(0), SoftmaxState.FloatsFor(State.Heads, Layout.HeadDim, Layout.Groups));
        float[] before = state.ToArray();
        values.Accumulate(pointers, units.Length, Layout, Scores, State);
        float[] sums = state.ToArray();
        before.CopyTo(state);
        Assert.True(!values.AccumulateSpread(pointers, units.Length, Layout, Scores, State) || state.SequenceEqual(sums), "a block that is spread out has other sums");
        sums.CopyTo(state);
    }

    /// <summary>The running sum of one element, its group's minima included.</summary>
    public float Sum(int head, int i) => State.Row(head)[i] + State.MinimaOf(head)[i / Layout.GroupSize];

    public void Dispose()
    {
        rows.Dispose();
        floats.Dispose();
    }

    private float[][] OfTokens(int heads) => [.. Enumerable.Range(0, heads).Select(head => new ReadOnlySpan<float>(Scores + (head * StreamBlock.Tokens), tokens).ToArray())];

    private void Point(byte** pointers)
    {
        for (int i = 0; i < units.Length; i++)
        {
            pointers[i] = (byte*)units[i];
        }
    }
}
