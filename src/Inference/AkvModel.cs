using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Inference;

/// <summary>A model that decodes with a KV cache whose tokens are kept as a policy says. Sessions share it and may run side by side.</summary>
/// <example><code>
/// using AkvModel model = AkvModel.Load("model.gguf");
/// using AdaptiveSession session = model.Open("static-4+sinks1");
/// foreach (string piece in session.Generate("Once upon a time"))
/// {
///     Console.Write(piece);
/// }
/// </code></example>
public sealed class AkvModel : IDisposable
{
    private AkvModel(LlamaModel weights) => Weights = weights;

    /// <summary>The weights, packed in own memory, and the tokenizer.</summary>
    public LlamaModel Weights { get; }

    /// <summary>Loads and packs the weights.</summary>
    /// <param name="path">A .gguf file (of a split model, any part) or a Hugging Face folder; what it is shows in its content.</param>
    /// <param name="log">Receives one line for each fact worth saying, such as a format converted on load; null for nobody.</param>
    /// <param name="arithmetic">How matrix products are computed.</param>
    /// <exception cref="ModelFormatException">The content is malformed or not of the Llama architecture; the message names file and place.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static AkvModel Load(string path, Action<string>? log = null, Arithmetic arithmetic = Arithmetic.Int8) => new(LlamaModel.Load(path, arithmetic, log));

    /// <summary>Opens a session under a policy that is named as on the command line.</summary>
    /// <param name="policy">
    /// Such as "static-16", "static-4+sinks1" (4 bits, the first token at 16), "static-2+sinks1+recent8" (the newest eight at 16, too), or with a controller
    /// "learned" and "learned-3.5" (its choice, at a mean of effective bits): that of the options, or else the <see cref="ShippedController"/> of the model; <see cref="PolicyCatalog.Known"/> lists all.
    /// </param>
    /// <param name="options">Files and sizes; null for the defaults.</param>
    /// <exception cref="FormatException">The policy is unknown; the message holds the nearest known one.</exception>
    /// <exception cref="ModelFormatException">The transform or the controller is malformed or of another model.</exception>
    /// <exception cref="FileNotFoundException">A file of the options is not there.</exception>
    /// <exception cref="ArgumentException">Sizes are out of range, or the bytes are too few for the tokens; the message names the least.</exception>
    public AdaptiveSession Open(string policy, OpenOptions? options = null)
    {
        options ??= new OpenOptions();
        if (options.Controller is null && PolicyCatalog.IsLearned(policy) && ShippedController.Find(Weights.Sha256) is { } shipped)
        {
            options = options with { Controller = shipped.Controller, Transform = options.Transform ?? (options.Code is null ? shipped.Transform : null) };
        }

        Dictionary<string, Controller> controllers = options.Controller is { } file ? new() { [PolicyCatalog.Learned()] = ControllerFile.Read(file).Controller } : [];
        PrecisionPolicy parsed = PolicyCatalog.ParseOne(policy, controllers: controllers);
        return PolicyCatalog.Idle([parsed], controllers.Keys).Count == 0
            ? Open(parsed, options)
            : throw new ArgumentException($"policy '{policy}' does not ask the controller {options.Controller}: name 'learned', or leave the controller out");
    }

    /// <summary>Opens a session under a policy of one's own.</summary>
    /// <param name="policy">Serves this session alone.</param>
    /// <param name="options">Files and sizes; the controller is not read.</param>
    /// <exception cref="ModelFormatException">The transform is malformed or of another model.</exception>
    /// <exception cref="FileNotFoundException">There is no such transform.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public AdaptiveSession Open(PrecisionPolicy policy, OpenOptions? options = null)
    {
        options ??= new OpenOptions();
        int most = Weights.Shape.ContextLength;
        int tokens = options.MaxTokens ?? most;
        if (tokens < 1 || tokens > most)
        {
            throw new ArgumentException($"a session of {tokens} tokens: the model's context holds {most}: expected 1 to {most}");
        }

        EngineSetup setup = new(options.Threads ?? Weights.DefaultThreads, (options.Code ?? CodeSetup.Best(options.Transform, sinks: 0)).For(Weights).Options);
        return options.MaxBytes is { } bytes
            ? AdaptiveSession.Within(bytes, Weights, policy, setup, options.PromptTokens ?? tokens, tokens)
            : new AdaptiveSession(Weights, policy, CacheMode.Prefill, setup, tokens);
    }

    /// <summary>Frees the weights; its sessions must be disposed of before.</summary>
    public void Dispose() => Weights.Dispose();
}
