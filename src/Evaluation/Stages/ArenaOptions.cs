using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What an evaluation is asked to compare.</summary>
/// <param name="Named">Comma-separated policies.</param>
/// <param name="Targets">Effective bits of coded tokens.</param>
/// <param name="Recent">Windows of newest tokens at 16 bits, chance's too: a comparison at every target with each; 0 is none.</param>
/// <param name="Seeds">Seeds of chance at each target.</param>
/// <param name="Rules">Features whose thresholds are compared, without a window.</param>
/// <param name="Sinks">First tokens that every policy keeps at 16 bits.</param>
internal sealed record ArenaOptions(
    string Named, IReadOnlyList<double> Targets, IReadOnlyList<long> Recent, int Seeds, IReadOnlyList<SaliencyFeature> Rules, int Sinks);
