using System.Globalization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>Measures codes of the KV cache against the model's own 16-bit cache on the same text: what each part of the best code is worth.</summary>
internal sealed class KvAblation
{
    private const string Reference = "static-16";

    private readonly LlamaModel model;
    private readonly HeadStatistics statistics;
    private readonly AblationPlan plan;
    private readonly int threads;
    private readonly TimeProvider clock;

    /// <summary>Prepares an ablation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="statistics">Of text that is not measured.</param>
    /// <param name="plan">What is measured.</param>
    /// <param name="threads">Threads of the engine.</param>
    /// <param name="clock">Measures the engine's time.</param>
    public KvAblation(LlamaModel model, HeadStatistics statistics, AblationPlan plan, int threads, TimeProvider clock)
    {
        (this.model, this.statistics, this.plan, this.threads, this.clock) = (model, statistics, plan, threads, clock);
    }

    /// <summary>Name of the code that the variants and the long window are measured with.</summary>
    public static string BestCode => AblationCode.Best.Name;

    /// <summary>Tokens that all runs read together: the last progress report.</summary>
    public long Work
    {
        get
        {
            long shortTokens = plan.ShortWindows.Sum(window => (long)window.Length);
            long longTokens = plan.LongWindows.Sum(window => (long)window.Length);
            return (AblationCode.All.Sum(code => PoliciesOf(code).Count + 1) * shortTokens) + ((LongTiers.Count + 1) * longTokens);
        }
    }

    private IReadOnlyList<string> LongTiers => [.. plan.Widths.Where(width => width < BitWidth.Eight).Select(Name)];

    /// <summary>Measures every code at every tier, and the best one over a long window.</summary>
    /// <param name="text">Token ids; at least as many as the plan needs.</param>
    /// <param name="progress">Hears the number of tokens read, of <see cref="Work"/>.</param>
    /// <param name="cancellation">Ends the ablation.</param>
    /// <returns>Rows by code, and rows of the long window.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (IReadOnlyList<AblationRow> Codes, IReadOnlyList<AblationRow> Positions) Run(
        ReadOnlyMemory<int> text, IProgress<long>? progress, CancellationToken cancellation)
    {
        long done = 0;
        var rows = new List<AblationRow>();
        foreach (AblationCode code in AblationCode.All)
        {
            rows.AddRange(Measure(code, PoliciesOf(code), plan.ShortWindows, CacheMode.TwoPass));
        }

        IReadOnlyList<AblationRow> positions = plan.LongWindow > 0 ? Measure(AblationCode.Best, LongTiers, plan.LongWindows, CacheMode.Decode) : [];
        return (rows, positions);

        List<AblationRow> Measure(AblationCode code, IReadOnlyList<string> tiers, IReadOnlyList<TextWindow> windows, CacheMode mode)
        {
            long before = done;
            int runs = tiers.Count + 1;
            done += runs * windows.Sum(window => (long)window.Length);
            var steps = new Steps(progress, before, runs);
            return this.Measure(code, tiers, text, windows, mode, steps, cancellation);
        }
    }

    private List<AblationRow> Measure(
        AblationCode code,
        IReadOnlyList<string> tiers,
        ReadOnlyMemory<int> text,
        IReadOnlyList<TextWindow> windows,
        CacheMode mode,
        IProgress<long> progress,
        CancellationToken cancellation)
    {
        int length = windows.Max(window => window.Length);
        List<(string Name, LogitsSession Session)> sessions = [];
        try
        {
            sessions.Add((Reference, new ModelSession(model, PolicyCatalog.ParseOne(Reference), mode, new EngineSetup(threads, new KvCacheOptions()), length)));
            EngineSetup setup = new(threads, OptionsOf(code));
            sessions.AddRange(tiers.Select(tier => (tier, Open(code, tier, mode, setup, length))));
            var evaluation = new PerplexityEvaluation(sessions, Reference, model.Shape.Vocabulary, clock);
            PerplexityResult result = evaluation.Run(text, windows, progress, cancellation);
            cancellation.ThrowIfCancellationRequested();
            return [.. result.Policies.Skip(1).Select(run => RowOf(code, run, mode))];
        }
        finally
        {
            sessions.ForEach(session => session.Session.Dispose());
        }
    }

    private LogitsSession Open(AblationCode code, string tier, CacheMode mode, EngineSetup setup, int length) => code.Simulation is { } simulate
        ? new SimulatedSession(model, simulate(int.Parse(tier, CultureInfo.InvariantCulture)), Enum.Parse<BitWidth>(tier), code.Sinks, setup, length)
        : new ModelSession(model, PolicyCatalog.ParseOne($"static-{tier}", code.Sinks), mode, setup, length);

    private KvCacheOptions OptionsOf(AblationCode code) => new()
    {
        Range = code.Range,
        GroupSize = code.GroupSize,
        Transform = code.Parts is { } parts ? TransformFit.Of(model, statistics, parts) : null,
    };

    private IReadOnlyList<string> PoliciesOf(AblationCode code) =>
    [
        .. plan.Widths.Where(width => code.Widths?.Contains(width) ?? true).Select(Name),
        .. code == AblationCode.Best ? plan.Variants : [],
    ];

    private static string Name(BitWidth width) => KvTier.Of(width).ToString();

    private static AblationRow RowOf(AblationCode code, PerplexitySummary run, CacheMode mode) => new(
        code.Name,
        run.Policy,
        code.Method ?? EnumName<CacheMode>.Of(mode),
        code.Simulation is not null,
        run.Divergence!,
        run.EffectiveBits,
        run.Tokens);

    private sealed class Steps(IProgress<long>? progress, long before, int runs) : IProgress<long>
    {
        public void Report(long value) => progress?.Report(before + (value * runs));
    }
}
