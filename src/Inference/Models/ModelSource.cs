using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models;

/// <summary>An opened model file or folder: hyper-parameters, vocabulary and tensors under canonical names.</summary>
public abstract class ModelSource : IDisposable
{
    /// <summary>Where the model was opened from.</summary>
    public abstract string Path { get; }

    /// <summary>Hyper-parameters, semantically checked.</summary>
    public abstract LlamaShape Shape { get; }

    /// <summary>Vocabulary and merges.</summary>
    public abstract TokenizerDefinition Vocabulary { get; }

    /// <summary>The chat template, in Jinja; null where there is none.</summary>
    public abstract string? ChatTemplate { get; }

    /// <summary>All tensors by canonical name.</summary>
    public abstract IReadOnlyDictionary<string, ModelTensor> Tensors { get; }

    /// <summary>SHA-256 over the weights file(s), lower-case hex; computed on first use.</summary>
    public abstract string Sha256 { get; }

    /// <summary>What was passed over or decided while it was opened; a sentence each, with the file.</summary>
    public IReadOnlyList<string> Notes => Remarks;

    /// <summary>Receives <see cref="Notes"/>.</summary>
    private protected List<string> Remarks { get; } = [];

    /// <inheritdoc/>
    public abstract void Dispose();
}
