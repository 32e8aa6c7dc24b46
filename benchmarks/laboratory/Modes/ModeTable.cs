using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>Decoding against two passes for people: the sums, then item by item.</summary>
internal static class ModeTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(ModeReport report) => $"{Sums(report).ToText()}\n{Items(report).ToText()}";

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(ModeReport report) => $"{Sums(report).ToMarkdown()}\n{Items(report).ToMarkdown()}";

    private static TitledTable Sums(ModeReport report)
    {
        TextTable table = new(
            "policy", "acc decode", "two-pass", "flips", "acc_norm decode", "two-pass", "flips", "acc_bytes decode", "two-pass", "flips", "|d ll|", "largest", "equal tiers", "KL decode", "two-pass", "bits decode", "two-pass");
        foreach (ModeSummary policy in report.Policies)
        {
            table.Add(
                policy.Policy,
                Cell.Percent(policy.Decode.Value, null),
                Cell.Percent(policy.TwoPass.Value, null),
                $"{policy.Flips}",
                Cell.Percent(policy.DecodeNorm.Value, null),
                Cell.Percent(policy.TwoPassNorm.Value, null),
                $"{policy.FlipsNorm}",
                Cell.Percent(policy.DecodeBytes.Value, null),
                Cell.Percent(policy.TwoPassBytes.Value, null),
                $"{policy.FlipsBytes}",
                Cell.Number(policy.LogLikelihoodDifference, "0.0000"),
                Cell.Number(policy.LargestDifference, "0.0000"),
                $"{Cell.Percent(policy.TierAgreement.Value, null)} %",
                Cell.Number(policy.DecodeKl, "0.00000"),
                Cell.Number(policy.TwoPassKl, "0.00000"),
                Cell.Number(policy.DecodeBits, "0.00"),
                Cell.Number(policy.TwoPassBits, "0.00"));
        }

        string items = RunLines.Count(report.ItemsDone, "item") + RunLines.After(report.Shots);
        return new TitledTable($"{report.Run.Model} on {report.Run.Data}: decode against two-pass mode, {items}", Warnings(report), table, Notes(report));
    }

    private static TitledTable Items(ModeReport report)
    {
        TextTable table = new("item", "policy", "label", "decode", "two-pass", "norm decode", "two-pass", "bytes decode", "two-pass", "|d ll|", "equal tiers");
        foreach (ModeDifference one in report.Items)
        {
            table.Add(
                one.Item,
                one.Policy,
                $"{one.Label}",
                $"{one.Decode.Choice}",
                Marked(one.Decode.Choice, one.TwoPass.Choice),
                $"{one.Decode.ChoiceNorm}",
                Marked(one.Decode.ChoiceNorm, one.TwoPass.ChoiceNorm),
                $"{one.Decode.ChoiceBytes}",
                Marked(one.Decode.ChoiceBytes, one.TwoPass.ChoiceBytes),
                Cell.Number(one.LogLikelihoodDifference, "0.0000"),
                $"{one.EqualTiers} of {one.Tokens}");
        }

        return new TitledTable("Item by item", [], table, ["label, decode, two-pass: index of the right ending, and of the chosen one by acc, by acc_norm (per character) and by acc_bytes (per byte); *: the two modes choose differently"]);
    }

    private static IEnumerable<string> Warnings(ModeReport report)
    {
        if (report.ItemsWanted < report.ItemsInFile)
        {
            yield return $"PARTIAL: {report.ItemsWanted} of {report.ItemsInFile} items, a random sample (--limit {report.ItemsWanted} --seed {report.Seed})";
        }

        if (report.ItemsDone < report.ItemsWanted)
        {
            yield return $"STOPPED after {report.ItemsDone} of {report.ItemsWanted} items";
        }
    }

    private static IEnumerable<string> Notes(ModeReport report) =>
    [
        "decode: token by token, a policy sees features of the quantized run itself; two-pass: it sees those of a first pass at 16 bits, and all tokens run in one batch",
        "flips: items on which the two modes choose different endings; |d ll|: difference of an ending's log-likelihood, nats, mean over endings and items, and the largest mean of an item",
        "equal tiers: tokens that both modes keep at the same precision; KL: mean KL(16 bits || policy) per prediction, nats; bits: allocated bits per element",
        .. RunLines.Provenance(report.Run, report.Seconds, null),
    ];

    private static string Marked(int decode, int twoPass) => decode == twoPass ? $"{twoPass}" : $"{twoPass}*";
}
