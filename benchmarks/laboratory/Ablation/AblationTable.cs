using System.Text;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>An ablation for people: codes against bits, bits of keys and values apart, error by position, and all figures.</summary>
internal static class AblationTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(AblationReport report)
    {
        var text = new StringBuilder($"{Title(report)}\n\n");
        foreach ((string heading, TextTable table) in Tables(report))
        {
            text.Append($"{heading}\n\n{table.ToText()}\n");
        }

        return text.AppendJoin('\n', Notes(report)).Append('\n').ToString();
    }

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(AblationReport report)
    {
        var text = new StringBuilder($"# {Title(report)}\n\n");
        foreach ((string heading, TextTable table) in Tables(report))
        {
            text.Append($"## {heading}\n\n{table.ToMarkdown()}\n");
        }

        return text.Append("- ").AppendJoin("\n- ", Notes(report)).Append('\n').ToString();
    }

    private static string Title(AblationReport report) =>
        RunLines.Title(report.Run, $"KV cache codes, {RunLines.Count(report.Windows, "window")} of {report.WindowLength} tokens");

    private static IEnumerable<(string Heading, TextTable Table)> Tables(AblationReport report)
    {
        ILookup<string, AblationRow> byCode = report.Codes.ToLookup(row => row.Code);
        string[] widths = [.. byCode.First().Select(row => row.Tier)];
        var codes = new TextTable(["code", .. widths.Select(width => $"{width} bits")]);
        foreach (IGrouping<string, AblationRow> code in byCode)
        {
            codes.Add([code.Key, .. widths.Select(width => Summary(code.FirstOrDefault(row => row.Tier == width)))]);
        }

        yield return ("KL from 16 bits (nats per token) / top-1 agreement, by code and bits", codes);
        AblationRow[] variants = [.. byCode[report.Best].Where(row => !widths.Contains(row.Tier))];
        if (variants.Length > 0)
        {
            yield return ($"Keys and values apart, worst coded or newest tokens better: {report.Best}", Details(variants));
        }

        if (report.Positions.Count > 0)
        {
            yield return ($"KL by position, decoded token by token ({report.LongWindow} tokens): {report.Best}", ByPosition(report.Positions));
        }

        yield return ("All codes", Details([.. report.Codes.Where(row => !variants.Contains(row))]));
    }

    private static string Summary(AblationRow? row) =>
        row is null ? Cell.None : $"{Cell.Number(row.Divergence.Kl, "0.0000")} / {Cell.Percent(row.Divergence.TopAgreement.Value, null)} %";

    private static TextTable Details(IReadOnlyList<AblationRow> rows)
    {
        var table = new TextTable("code", "tier", "KL", "top-1", "d nll", "bits", "tokens", "mode");
        foreach (AblationRow row in rows)
        {
            Divergence divergence = row.Divergence;
            table.Add(
                row.Code,
                row.Tier,
                Cell.Estimate(divergence.Kl, divergence.KlStandardError, "0.0000"),
                Cell.Percent(divergence.TopAgreement.Value, divergence.TopAgreement.StandardError),
                Cell.Difference(divergence.NllDifference, divergence.NllDifferenceStandardError, "0.0000"),
                Cell.Number(row.EffectiveBits, "0.00") + (row.Simulated ? "*" : ""),
                Cell.Number(row.Tokens, "0"),
                row.Method);
        }

        return table;
    }

    private static TextTable ByPosition(IReadOnlyList<AblationRow> rows)
    {
        var table = new TextTable(["positions", .. rows.Select(row => $"{row.Tier} bits ({row.EffectiveBits:0.00})")]);
        foreach (PositionDivergence range in rows[0].Divergence.ByPosition)
        {
            table.Add([
                $"{range.From} to {Math.Min(range.To, range.From + range.Tokens) - 1}",
                .. rows.Select(row => row.Divergence.ByPosition.First(other => other.From == range.From)).Select(own => Cell.Estimate(own.Kl, own.KlStandardError, "0.0000")),
            ]);
        }

        table.Add(["all", .. rows.Select(row => Cell.Estimate(row.Divergence.Kl, row.Divergence.KlStandardError, "0.0000"))]);
        return table;
    }

    private static IEnumerable<string> Notes(AblationReport report) =>
    [
        "KL: KL(16 bits || code) per token in nats +- standard error over tokens, against the model's own 16-bit cache without any transform; top-1: percent of tokens with the same likeliest next token; d nll: difference of the negative log-likelihood",
        "bits: allocated cache bits per element; * by formula, for codes that are only simulated (read back and kept at 32 bits)",
        "mu: keys relative to the mean they have before rotary embedding, turned with the position; D: channels balanced between keys and queries; H: Hadamard rotation; clip: ranges by least squared error; sink: the first token stays at 16 bits",
        "kXvY: keys X bits, values Y bits; escalateN: the N % of tokens with the largest own error one tier up; recentN: the newest N tokens at 16 bits",
        "KIVI-like: keys by channel over 32 tokens, values by token over 32 channels, min/max; the tokens of an open group of 32 stay whole, which the other codes do not allow themselves",
        $"calibrated on {report.CalibrationTokens} tokens of {report.CalibrationText} outside the measured windows, {report.CalibrationWindow} at a time, seed {report.Seed}; sha256 {report.CalibrationTextSha256}",
        .. RunLines.Provenance(report.Run, report.Seconds, null),
    ];
}
