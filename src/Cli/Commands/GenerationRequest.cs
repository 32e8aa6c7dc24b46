using AdaptiveKv.Inference;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv generate</c> was asked for.</summary>
/// <param name="Model">A .gguf file or a Hugging Face folder.</param>
/// <param name="Prompt">Text or question.</param>
/// <param name="Chat">Whether it is a question to a chat model.</param>
/// <param name="System">System message of the chat; null for what the model's template says without one.</param>
/// <param name="Policy">How the cache is kept.</param>
/// <param name="AskedBits">Mean of effective bits that the policy's name asks for; null where it asks for none.</param>
/// <param name="Budget">Most bytes the cache may take; null for as many as the policy needs.</param>
/// <param name="Code">How its tokens are coded.</param>
/// <param name="Options">How tokens are chosen, and when it ends.</param>
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
    GenerationOptions Options,
    bool ShowBits,
    bool Json,
    int? Threads);
