using System.CommandLine;
using AdaptiveKv.Inference;

namespace AdaptiveKv.Cli.Commands;

/// <summary>How tokens are chosen, and how many.</summary>
internal sealed class SamplingChoice
{
    private readonly Option<double> temperature = CommonOptions.Number("--temperature", "0 takes the likeliest token", 0);
    private readonly Option<int> topK = CommonOptions.WholeNumber("--top-k", "Choose among the k likeliest tokens; 0 for all", 0, 0);
    private readonly Option<double> topP = CommonOptions.Number("--top-p", "Choose among the likeliest tokens that reach this probability together", 1);
    private readonly Option<double> minP = CommonOptions.Number("--min-p", "Choose among the tokens that have this share of the likeliest one's probability; 0 for all", 0);
    private readonly Option<double> repetitionPenalty = CommonOptions.Number("--repetition-penalty", "Make tokens of the last 64 less likely by this factor; 1 for none", 1);
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<int> maxTokens = CommonOptions.WholeNumber("--max-tokens", "Most tokens to generate", 1, 256);

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [temperature, topK, topP, minP, repetitionPenalty, seed, maxTokens];

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">Values are out of range; the message names all faults.</exception>
    public GenerationOptions Read(ParseResult arguments)
    {
        GenerationOptions options = new()
        {
            MaxTokens = arguments.GetValue(maxTokens),
            Sampling = new()
            {
                Temperature = arguments.GetValue(temperature),
                TopK = arguments.GetValue(topK),
                TopP = arguments.GetValue(topP),
                MinP = arguments.GetValue(minP),
                RepetitionPenalty = arguments.GetValue(repetitionPenalty),
                Seed = arguments.GetValue(seed),
            },
        };
        return options.Faults() is [_, ..] faults ? throw new ArgumentException(string.Join("; ", faults)) : options;
    }
}
