using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference;

/// <summary>A loaded model: packed weights in own memory, and its tokenizer.</summary>
public sealed class LlamaModel : IDisposable
{
    /// <summary>Loads and packs the weights.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <param name="arithmetic">Float reference or int8 activations.</param>
    /// <param name="log">Receives one line per fact worth saying (a format converted on load).</param>
    public static LlamaModel Load(string path, Arithmetic arithmetic = Arithmetic.Int8, Action<string>? log = null) => throw new NotImplementedException(path);

    /// <summary>Hyper-parameters.</summary>
    public LlamaShape Shape => throw new NotImplementedException();

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer => throw new NotImplementedException();

    /// <summary>SHA-256 of the weights file(s).</summary>
    public string Sha256 => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
