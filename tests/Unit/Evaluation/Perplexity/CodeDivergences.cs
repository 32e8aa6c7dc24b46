using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

/// <summary>KL of codes from the real model's own 16-bit cache without any transform, on three windows that the calibration did not see; measured once per test class.</summary>
public sealed class CodeDivergences
{
    private const string Reference = "static-16";
    private const int WindowLength = 256;

    private static readonly TextWindow[] Windows = [new(0, WindowLength, 0), new(1000, WindowLength, 0), new(2000, WindowLength, 0)];

    private IReadOnlyDictionary<string, PerplexitySummary>? measured;

    /// <summary>What a policy lost under a code.</summary>
    public PerplexitySummary Of(RealModel real, CacheCode code, string tier) => (measured ??= Measure(real))[$"{code} {tier}"];

    private static Dictionary<string, PerplexitySummary> Measure(RealModel real)
    {
        LlamaModel model = real[Arithmetic.Int8];
        List<(string Name, LogitsSession Session)> sessions = [(Reference, Open(model, new KvCacheOptions(), Reference))];
        try
        {
            Add(CacheCode.Minmax, new KvCacheOptions(), 0, "4", "2");
            Add(CacheCode.Hadamard, new KvCacheOptions { Range = RangeSearch.Clip, Transform = new KvTransform(model.CacheShape, rotate: true) }, 0, "4", "2");
            Add(CacheCode.Calibrated, new KvCacheOptions { Range = RangeSearch.Clip, Transform = real.Transform }, 1, "8", "4", "3", "2", "k8v4");
            PerplexityEvaluation evaluation = new(sessions, Reference, model.Shape.Vocabulary, TimeProvider.System);
            PerplexityResult result = evaluation.Run(real.Text, Windows, null, TestContext.Current.CancellationToken);
            return result.Policies.ToDictionary(policy => policy.Policy);
        }
        finally
        {
            sessions.ForEach(session => session.Session.Dispose());
        }

        void Add(CacheCode code, KvCacheOptions options, int sinks, params string[] tiers)
        {
            foreach (string tier in tiers)
            {
                sessions.Add(($"{code} {tier}", Open(model, options, $"static-{tier}", sinks)));
            }
        }
    }

    private static ModelSession Open(LlamaModel model, KvCacheOptions options, string policy, int sinks = 0) =>
        new(model, PolicyCatalog.ParseOne(policy, sinks), CacheMode.TwoPass, new EngineSetup(Environment.ProcessorCount, options), WindowLength);
}
