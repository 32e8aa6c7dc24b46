using System.Text.Json;
using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Server.Wire;

/// <summary>What a chat and a plain completion are asked with alike.</summary>
/// <param name="Model">The name of the model; null where the client leaves it to the server.</param>
/// <param name="MaxTokens">Most tokens of an answer; null where the request does not say.</param>
/// <param name="Sampling">How tokens are chosen.</param>
/// <param name="IsSeeded">Whether the seed is the client's.</param>
/// <param name="Count">Answers to each prompt.</param>
/// <param name="Stops">Texts that end an answer.</param>
/// <param name="Stream">Whether the answer is sent as it grows.</param>
/// <param name="StreamUsage">Whether a stream ends with what was used.</param>
internal sealed record CommonRequest(
    string? Model, int? MaxTokens, SamplingOptions Sampling, bool IsSeeded, int Count, IReadOnlyList<string> Stops, bool Stream, bool StreamUsage)
{
    private const int MostAnswers = 16;
    private const int MostStops = 16;
    private const int LongestStop = 256;

    /// <summary>Reads the fields.</summary>
    /// <param name="fields">Of the request.</param>
    /// <param name="maxTokens">The names of the field for the most tokens.</param>
    /// <exception cref="ApiException">A field is wrong.</exception>
    public static CommonRequest Read(RequestFields fields, params ReadOnlySpan<string> maxTokens)
    {
        int? most = null;
        foreach (string name in maxTokens)
        {
            most = (int?)fields.Whole(name, 0, int.MaxValue) ?? most;
        }

        IReadOnlyList<string> stops = fields.Texts("stop");
        if (stops.Count > MostStops || stops.Any(stop => stop.Length is 0 or > LongestStop))
        {
            throw ApiException.Field("stop", $"takes at most {MostStops} texts of 1 to {LongestStop} characters");
        }

        long? seed = fields.Whole("seed", long.MinValue, long.MaxValue);
        SamplingOptions sampling = new()
        {
            Temperature = fields.Number("temperature", 0, 2) ?? 1,
            TopP = fields.Number("top_p", 0, 1) is { } topP ? Math.Max(topP, 1e-9) : 1,
            MinP = fields.Number("min_p", 0, 1) ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 100) ?? 1,
            TopK = (int)(fields.Whole("top_k", 0, int.MaxValue) ?? 0),
            Seed = unchecked((ulong)(seed ?? 0)),
        };
        bool stream = fields.Flag("stream");
        bool usage = StreamsUsage(fields.Find("stream_options"));
        string? model = fields.Text("model");
        int count = (int)(fields.Whole("n", 1, MostAnswers) ?? 1);
        fields.Ignore("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key");
        fields.Refuse(("logit_bias", "{}"), ("presence_penalty", "0"), ("frequency_penalty", "0"));
        return new CommonRequest(model, most, sampling, seed is not null, count, stops, stream, usage);
    }

    private static bool StreamsUsage(JsonElement? options)
    {
        if (options is not { } given)
        {
            return false;
        }

        RequestFields fields = RequestFields.Of(given, "stream_options");
        bool usage = fields.Flag("include_usage");
        fields.Ignore("include_obfuscation");
        fields.RequireNoMore();
        return usage;
    }
}
