using System.Globalization;
using AdaptiveKv.Inference;
using Microsoft.Extensions.AI;

namespace AdaptiveKv.Extensions;

/// <summary>What a request means to a session.</summary>
internal static class ChatRequest
{
    /// <summary>The conversation.</summary>
    /// <exception cref="NotSupportedException">A message is more than text.</exception>
    public static IEnumerable<Inference.Templates.ChatMessage> Turns(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            yield return new("system", instructions);
        }

        foreach (ChatMessage message in messages)
        {
            yield return message.Contents.FirstOrDefault(content => content is not (TextContent or UsageContent)) is { } other
                ? throw new NotSupportedException($"{other.GetType().Name}: only text can be said to the model")
                : new(message.Role.Value, message.Text);
        }
    }

    /// <summary>How the answer is made.</summary>
    /// <param name="options">The request's; what it leaves out is the default.</param>
    /// <param name="defaults">The defaults.</param>
    /// <exception cref="NotSupportedException">The request wants what a session does not do.</exception>
    public static GenerationOptions Options(ChatOptions? options, GenerationOptions defaults)
    {
        if (options is null)
        {
            return defaults;
        }

        Refuse(options.Tools is { Count: > 0 }, nameof(options.Tools));
        Refuse(options.ResponseFormat is ChatResponseFormatJson, nameof(options.ResponseFormat));
        Refuse(options.FrequencyPenalty is not (null or 0), nameof(options.FrequencyPenalty));
        Refuse(options.PresencePenalty is not (null or 0), nameof(options.PresencePenalty));
        return defaults with
        {
            MaxTokens = options.MaxOutputTokens ?? defaults.MaxTokens,
            Stops = options.StopSequences is { } stops ? [.. stops] : defaults.Stops,
            Sampling = defaults.Sampling with
            {
                Temperature = Written(options.Temperature) ?? defaults.Sampling.Temperature,
                TopP = Written(options.TopP) ?? defaults.Sampling.TopP,
                TopK = options.TopK ?? defaults.Sampling.TopK,
                Seed = options.Seed is { } seed ? unchecked((ulong)seed) : defaults.Sampling.Seed,
            },
        };
    }

    // Tenths as they were written, and not as floats have them.
    private static double? Written(float? value) => value is { } number ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    private static void Refuse(bool isWanted, string name)
    {
        if (isWanted)
        {
            throw new NotSupportedException($"ChatOptions.{name} is not supported: leave it out");
        }
    }
}
