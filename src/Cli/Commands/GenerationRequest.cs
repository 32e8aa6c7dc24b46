using AdaptiveKv.Inference;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv generate</c> was asked for.</summary>
/// <param name="Model">A .gguf file or a Hugging Face folder.</param>
/// <param name="Prompt">Text or question.</param>
/// <param name="Chat">Whether it is a question to a chat model.</param>
/// <param name="System">System message of the chat; null for what the model's template says without one.</param>
/// <param name="Session">How the cache is kept and coded.</param>
/// <param name="Options">How tokens are chosen, and when it ends.</param>
/// <param name="ShowBits">Whether the precision of each token is shown.</param>
/// <param name="Json">Whether one document is printed instead of the text.</param>
internal sealed record GenerationRequest(
    string Model,
    string Prompt,
    bool Chat,
    string? System,
    SessionRequest Session,
    GenerationOptions Options,
    bool ShowBits,
    bool Json);
