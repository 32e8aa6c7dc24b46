namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Figures as the cells of a table show them; "-" where there is none.</summary>
internal static class Cell
{
    public const string None = "-";

    /// <summary>A share and its standard error in percent: "41.0 +-4.9".</summary>
    public static string Percent(double share, double? standardError) => $"{100 * share:0.0}{PlusMinus(100 * standardError, "0.0")}";

    /// <summary>A value and its standard error: "2.5613 +-0.0312".</summary>
    public static string Estimate(double? value, double? standardError, string format) => value is { } known ? known.ToString(format) + PlusMinus(standardError, format) : None;

    /// <summary>A difference with its sign and its standard error: "-1.0 +-0.7".</summary>
    public static string Difference(double? value, double? standardError, string format) =>
        value is { } known ? known.ToString($"+{format};-{format};{format}") + PlusMinus(standardError, format) : None;

    public static string PValue(double? p) => p switch
    {
        null => None,
        < 0.001 => "<0.001",
        _ => $"{p:0.000}",
    };

    /// <summary>A relative change in percent: "-69 %".</summary>
    public static string Change(double? change) => change is { } known ? $"{Difference(100 * known, null, "0")} %" : None;

    /// <summary>The ends of its interval: "-91 to +6 %"; that of an older file may begin below -100 %, where nothing can lie.</summary>
    public static string Changes(double? low, double? high) => low is { } from && high is { } to ? $"{Difference(100 * Math.Max(-1, from), null, "0")} to {Change(to)}" : None;

    /// <summary>The ends of an interval: "0.0091 to 0.1060".</summary>
    public static string Interval(double? low, double? high, string format, string between = " to ") =>
        low is { } from && high is { } to ? from.ToString(format) + between + to.ToString(format) : None;

    public static string Number(double? value, string format) => value?.ToString(format) ?? None;

    /// <summary>Shares of tokens by tier: "4:98% 16:2%"; below half a percent "&lt;1%".</summary>
    public static string Tiers(IReadOnlyDictionary<string, long> tiers)
    {
        double total = tiers.Values.Sum();
        return string.Join(' ', tiers.Select(tier => tier.Value / total < 0.005 ? $"{tier.Key}:<1%" : $"{tier.Key}:{100 * tier.Value / total:0}%"));
    }

    private static string PlusMinus(double? standardError, string format) => standardError is { } known ? " +-" + known.ToString(format) : "";
}
