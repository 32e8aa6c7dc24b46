using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>The evaluations of two runs over each other, as one page.</summary>
public static class RunsReport
{
    /// <summary>The page (HTML). Policies that came out the same are drawn once.</summary>
    /// <param name="oldName">What to call the first.</param>
    /// <param name="oldPath">Its figures (JSON of evaluate).</param>
    /// <param name="newName">What to call the second.</param>
    /// <param name="newPath">Its figures.</param>
    /// <param name="time">Says the day.</param>
    /// <exception cref="InvalidDataException">One is not of its kind.</exception>
    /// <exception cref="ArgumentException">They measured items in other ways.</exception>
    public static string Html(string oldName, string oldPath, string newName, string newPath, TimeProvider time)
    {
        EvaluationReport old = EvaluationFile.Read(oldPath), @new = EvaluationFile.Read(newPath);
        if (old.Unit != @new.Unit)
        {
            throw new ArgumentException($"'{oldName}' measured by {old.Unit}, '{newName}' by {@new.Unit}: they have no plot in common");
        }

        HashSet<string> same = [.. old.Policies.Where(policy => @new.Policies.Any(other => IsSame(policy, other))).Select(policy => policy.Policy)];
        EvaluationReport both = @new with
        {
            Policies = [.. Named(old, oldName, same), .. Named(@new, newName, same).Where(policy => !same.Contains(policy.Policy))],
            Comparisons = null,
            EqualMemory = null,
        };
        return HtmlReport.Of(new ReportDocument(
            $"{oldName} and {newName}",
            $"{ReportDocument.DayOf(time)}: the evaluations of two runs over each other, {newName} in outlines; policies that came out the same are drawn once.",
            [.. old.ItemsDone == @new.ItemsDone ? [] : (string[])[$"{oldName} has {old.ItemsDone} items, {newName} {@new.ItemsDone}."]],
            [.. Verdict(old, oldName, @new, newName, same)],
            [("Quality against memory", [.. QualityFigures.Of(both, $"({newName})")]), ("Bits that tokens were kept at", [TierFigure.Of(both)])],
            [.. Lines(old, oldName), .. Lines(@new, newName)]));
    }

    private static IEnumerable<string> Verdict(EvaluationReport old, string oldName, EvaluationReport @new, string newName, HashSet<string> same)
    {
        foreach (PolicySummary before in old.Policies.Where(policy => !same.Contains(policy.Policy)))
        {
            if (@new.Policies.FirstOrDefault(policy => policy.Policy == before.Policy) is not { } after)
            {
                yield return $"{before.Policy}: in {oldName} only.";
                continue;
            }

            string divergence = (before.Divergence, after.Divergence) is ({ } first, { } second)
                ? $"KL {first.Kl:0.00000} to {second.Kl:0.00000} nats, {(second.Low <= first.High && first.Low <= second.High ? "within each other's 95 % intervals" : second.Kl < first.Kl ? "better" : "worse")}; "
                : string.Empty;
            yield return $"{before.Policy}, from {oldName} to {newName}: {divergence}{before.EffectiveBits:0.00} to {after.EffectiveBits:0.00} bits.";
        }

        foreach (PolicySummary after in @new.Policies.Where(policy => old.Policies.All(other => other.Policy != policy.Policy)))
        {
            yield return $"{after.Policy}: in {newName} only.";
        }

        if (same.Count > 0)
        {
            yield return $"The same in both: {string.Join(", ", same)}.";
        }
    }

    private static bool IsSame(PolicySummary policy, PolicySummary other) =>
        policy.Policy == other.Policy && policy.EffectiveBits == other.EffectiveBits && policy.Accuracy == other.Accuracy && policy.AccuracyNorm == other.AccuracyNorm && policy.Divergence == other.Divergence
        && policy.Perplexity == other.Perplexity;

    private static IEnumerable<PolicySummary> Named(EvaluationReport report, string name, HashSet<string> same) =>
        report.Policies.Select(policy => same.Contains(policy.Policy) ? policy : policy with { Policy = $"{policy.Policy} ({name})" });

    private static IEnumerable<string> Lines(EvaluationReport report, string name) =>
        RunLines.Provenance(report.Run, report.Seconds, report.PeakRssBytes).Select(line => $"{name}: {line}");
}
