using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv generate</c> was asked for.</summary>
/// <param name="Model">A .gguf file or a Hugging Face folder.</param>
/// <param name="Prompt">Text or question.</param>
/// <param name="Chat">Whether it is a question to an instruct model.</param>
/// <param name="System">System message of the chat; null for the model family's own.</param>
/// <param name="Policy">How the cache is kept.</param>
/// <param name="AskedBits">Mean of effective bits that the policy's name asks for; null where it asks for none.</param>
/// <param name="Budget">Most bytes the cache may take; null for as many as the policy needs.</param>
/// <param name="Code">How its tokens are coded.</param>
/// <param name="Sampling">How tokens are chosen.</param>
/// <param name="MaxTokens">Most tokens to generate.</param>
/// <param name="Stops">Texts that end the generation.</param>
/// <param name="ShowBits">Whether the precision of each token is shown.</param>
/// <param name="Json">Whether one document is printed instead of the text.</param>
/// <param name="Threads">Threads of the engine; null for what suits the model and the machine.</param>
internal sealed record GenerationRequest(
    string Model,
    string Prompt,
    bool Chat,
    string? System,
    PrecisionPolicy Policy,
    double? AskedBits,
    long? Budget,
    CodeSetup Code,
    SamplingOptions Sampling,
    int MaxTokens,
    IReadOnlyList<string> Stops,
    bool ShowBits,
    bool Json,
    int? Threads)
{
    /// <summary>Refuses what can be seen to be wrong without the model.</summary>
    /// <exception cref="ArgumentException">All faults, in one line.</exception>
    public void Check()
    {
        List<string> faults = [.. Sampling.Faults()];
        if (Stops.Contains(string.Empty))
        {
            faults.Add("--stop is empty: give at least one character");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults));
        }
    }
}
