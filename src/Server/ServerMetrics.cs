using System.Globalization;
using System.Text;
using AdaptiveKv.Server.Scheduling;

namespace AdaptiveKv.Server;

/// <summary>What the server counts, in the text form of Prometheus (version 0.0.4).</summary>
internal sealed class ServerMetrics
{
    /// <summary>The media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] Bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock gate = new();
    private readonly SortedDictionary<(string Path, int Status), long> requests = [];
    private readonly long[] firstTokens = new long[Bounds.Length + 1];
    private double firstTokenSeconds;

    /// <summary>Counts an answered request.</summary>
    public void AddRequest(string path, int status)
    {
        lock (gate)
        {
            requests[(path, status)] = requests.GetValueOrDefault((path, status)) + 1;
        }
    }

    /// <summary>Counts a first token.</summary>
    public void AddFirstToken(TimeSpan taken)
    {
        lock (gate)
        {
            int bucket = Array.FindIndex(Bounds, bound => taken.TotalSeconds <= bound);
            firstTokens[bucket < 0 ? Bounds.Length : bucket]++;
            firstTokenSeconds += taken.TotalSeconds;
        }
    }

    /// <summary>The text.</summary>
    public string Text(Scheduler scheduler)
    {
        SchedulerState state = scheduler.State;
        StringBuilder text = new();
        Family(text, "akv_prompt_tokens_total", "counter", "Tokens of prompts that were read", state.PromptTokens);
        Family(text, "akv_shared_tokens_total", "counter", "Tokens of prompts that were taken over from other sequences", state.SharedTokens);
        Family(text, "akv_generated_tokens_total", "counter", "Tokens of answers", state.GeneratedTokens);
        Family(text, "akv_decode_steps_total", "counter", "Steps of decoding, each of all sequences that decode", state.Steps);
        Family(text, "akv_sequences_running", "gauge", "Sequences that have a slot", state.Running);
        Family(text, "akv_sequences_waiting", "gauge", "Sequences that wait for a slot or for bytes", state.Waiting);
        Head(text, "akv_cache_bytes", "gauge", "Bytes of all caches, by the bits of their tokens");
        foreach (SchedulerState.TierUse tier in state.Caches)
        {
            Line(text, $"akv_cache_bytes{{tier=\"{tier.Tier}\"}}", tier.Bytes);
        }

        Head(text, "akv_cache_tokens", "gauge", "Tokens of all caches, by their bits; shared ones once");
        foreach (SchedulerState.TierUse tier in state.Caches)
        {
            Line(text, $"akv_cache_tokens{{tier=\"{tier.Tier}\"}}", tier.Tokens);
        }

        Family(text, "akv_cache_kept_bytes", "gauge", "Bytes among them of ended sequences, kept for requests that begin alike", state.KeptBytes);
        Family(text, "akv_cache_peak_bytes", "gauge", "Most bytes of all caches at any time", scheduler.Pool.PeakBytes);
        if (scheduler.Pool.Limit is { } limit)
        {
            Family(text, "akv_cache_budget_bytes", "gauge", "Most bytes that all caches may take", limit);
        }

        Family(text, "akv_effective_bits", "gauge", "Allocated bits for each key and value element", state.EffectiveBits);
        lock (gate)
        {
            AddCounted(text);
        }

        return text.ToString();
    }

    private void AddCounted(StringBuilder text)
    {
        Head(text, "akv_requests_total", "counter", "Answered requests");
        foreach (((string path, int status), long count) in requests)
        {
            Line(text, $"akv_requests_total{{path=\"{path}\",status=\"{status}\"}}", count);
        }

        Head(text, "akv_first_token_seconds", "histogram", "Time from a request to its first token");
        long sum = 0;
        for (int i = 0; i < firstTokens.Length; i++)
        {
            sum += firstTokens[i];
            Line(text, $"akv_first_token_seconds_bucket{{le=\"{(i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf")}\"}}", sum);
        }

        Line(text, "akv_first_token_seconds_sum", firstTokenSeconds);
        Line(text, "akv_first_token_seconds_count", sum);
    }

    private static void Family(StringBuilder text, string name, string kind, string help, double value)
    {
        Head(text, name, kind, help);
        Line(text, name, value);
    }

    private static void Head(StringBuilder text, string name, string kind, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");

    private static void Line(StringBuilder text, string name, double value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
}
