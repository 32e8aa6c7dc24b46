using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What a generation came to: the line that ends it, and the JSON of <c>akv generate --json</c>.</summary>
/// <param name="Text">What was generated.</param>
/// <param name="End">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="PromptSeconds">Until the first token was chosen.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="Seconds">From then on.</param>
/// <param name="PeakRssBytes">Most physical memory the process held.</param>
/// <param name="Cache">What the cache took.</param>
internal sealed partial record GenerationReport(
    string Text, string End, int PromptTokens, double PromptSeconds, int Tokens, double Seconds, long PeakRssBytes, GenerationReport.CacheUse Cache)
{
    /// <summary>The report of a run.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="statistics">What it took.</param>
    /// <param name="staging">The tier in which tokens wait.</param>
    /// <param name="text">What was generated, where it is kept.</param>
    public static GenerationReport Of(GenerationRequest request, GenerationStatistics statistics, KvTier staging, string text)
    {
        CacheStatistics cache = statistics.Cache;
        string end = statistics.End switch
        {
            GenerationEnd.Limit => "--max-tokens reached",
            GenerationEnd.EndOfText => "the model ended its text",
            GenerationEnd.Stopped => "a --stop text met",
            GenerationEnd.CacheFull => "the model's context is full",
            _ => "cancelled",
        };
        return new GenerationReport(
            text,
            end,
            statistics.PromptTokens,
            statistics.PromptTime.TotalSeconds,
            statistics.Tokens,
            statistics.Time.TotalSeconds,
            PeakMemory.Bytes,
            new CacheUse(
                request.Session.Policy.Name,
                cache.Bytes,
                cache.PeakBytes,
                request.Session.Budget,
                request.Session.AskedBits,
                CacheAccount.Of(cache, staging, request.Session.Policy.Sinks),
                cache.Tiers.Where(tier => tier.Tokens > 0).ToDictionary(tier => $"{tier.Tier}", tier => tier.Tokens)));
    }

    /// <summary>The document.</summary>
    public string Json() => JsonSerializer.Serialize(this, Document.Lines.GenerationReport);

    /// <summary>The line.</summary>
    public string Line(GenerationRequest request)
    {
        string most = Cache.BudgetBytes is { } budget ? $", at most {Amount.Text(Cache.PeakBytes, Amount.Bytes)} of --kv-budget {Amount.Text(budget, Amount.Bytes)}" : "";
        string tiers = request.ShowBits ? $", tokens by bits: {string.Join(", ", Cache.Tiers.Select(tier => $"{tier.Key}: {tier.Value}"))}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Tokens} tokens{Rate(Tokens, Seconds)}, prompt of {PromptTokens}{Rate(PromptTokens, PromptSeconds)}; {Cache.Policy}: KV cache {Amount.Text(Cache.Bytes, Amount.Bytes)}{most}{Cache.Bits()}{tiers}; peak RSS {Amount.Text(PeakRssBytes, Amount.Bytes)}; {End}");
    }

    private static string Rate(int tokens, double seconds) =>
        tokens > 0 && seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $" at {tokens / seconds:0.0} tokens/s") : string.Empty;

    /// <summary>What the cache took.</summary>
    /// <param name="Policy">How it was kept.</param>
    /// <param name="Bytes">Allocated at the end.</param>
    /// <param name="PeakBytes">Most at any time.</param>
    /// <param name="BudgetBytes">Most that it might take; null without a budget.</param>
    /// <param name="AskedBits">Mean of effective bits that was asked for; null where none was.</param>
    /// <param name="Account">Bits per element, and where they come from.</param>
    /// <param name="Tiers">Tokens by tier.</param>
    internal sealed record CacheUse(
        string Policy, long Bytes, long PeakBytes, long? BudgetBytes, double? AskedBits, CacheAccount? Account, IReadOnlyDictionary<string, int> Tiers)
    {
        /// <summary>"; bits: asked 3.2, coded 3.21 (codes 2.96, scales 0.25), allocated 3.62 (first token +0.21, unused room +0.20)".</summary>
        public string Bits()
        {
            if (Account is not { } account)
            {
                return string.Empty;
            }

            string asked = AskedBits is { } bits ? string.Create(CultureInfo.InvariantCulture, $"asked {bits:0.####}, ") : "";
            string coded = account.Coded is { } all ? string.Create(CultureInfo.InvariantCulture, $"coded {all:0.00} (codes {account.Codes:0.00}, scales {account.Scales:0.00}), ") : "";
            string[] more =
            [
                .. account.Sinks > 0 ? (string[])[Part(account.Sinks == 1 ? "first token" : $"first {account.Sinks} tokens", account.OfSinks)] : [],
                .. account.Waiting > 0 ? (string[])[Part($"newest {account.Waiting} at 16 bits", account.OfWaiting)] : [],
                Part("unused room", account.Unused),
            ];
            return string.Create(CultureInfo.InvariantCulture, $"; bits per element: {asked}{coded}allocated {account.Allocated:0.00} ({string.Join(", ", more)})");
        }

        private static string Part(string what, double bits) => string.Create(CultureInfo.InvariantCulture, $"{what} +{bits:0.00}");
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(GenerationReport))]
    private sealed partial class Document : JsonSerializerContext
    {
        // Indented, with quotes as they are: the output is no part of a web page.
        public static Document Lines => new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
