using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv bench</c> was asked to measure.</summary>
internal sealed record SpeedRun(
    LlamaModel Model, IReadOnlyList<PrecisionPolicy> Policies, SpeedSettings Settings, TokenIds Ids, EngineSetup Setup, RunRecord Record, Terminal Terminal)
{
    /// <summary>Checks that the ids fit the model and the settings.</summary>
    public static SpeedRun Of(
        LlamaModel model, IReadOnlyList<PrecisionPolicy> policies, CodeSetup setup, SpeedSettings settings, TokenIds ids, int threads, Terminal terminal)
    {
        ids.Require(settings.LongestSequence, model.Shape.Vocabulary);
        if (settings.LongestSequence > model.Shape.ContextLength)
        {
            terminal.Note($"sequences of {settings.LongestSequence} tokens exceed the model's context of {model.Shape.ContextLength}: the speed is right, a text would not be");
        }

        (KvCacheOptions code, CodeRecord record) = setup.For(model);
        return new SpeedRun(
            model, policies, settings, ids, new EngineSetup(threads, code), RunRecord.Of(model, ids.Name, ids.Sha256, CacheMode.Decode, record, threads), terminal);
    }

    /// <summary>Times prefill and whole tokens.</summary>
    public SpeedReport Speed()
    {
        SpeedBenchmark benchmark = new(Model, Settings, Ids, Setup, Terminal.Time);
        SpeedResult result = ProgressBar.Run(Terminal, $"timing {Policies.Count} policies", benchmark.TotalTokens(Policies.Count), "tokens", progress =>
            benchmark.Run(Policies, progress, Terminal.Cancellation));
        return SpeedReport.Of(Record, Settings, result);
    }
}
