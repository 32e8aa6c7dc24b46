using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The embedded model in every arithmetic, loaded once per test class.</summary>
public sealed class MicroModel : IDisposable
{
    /// <summary>Float arithmetic.</summary>
    public LlamaModel Float { get; } = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Float);

    /// <summary>int8 arithmetic.</summary>
    public LlamaModel Int8 { get; } = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Int8);

    /// <summary>int8 arithmetic of one plane.</summary>
    public LlamaModel Single { get; } = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Int8Single);

    public LlamaModel this[Arithmetic arithmetic] => arithmetic switch { Arithmetic.Float => Float, Arithmetic.Int8 => Int8, _ => Single };

    /// <summary>The beginning of the model's own kind of text.</summary>
    public int[] Tokens(int count)
    {
        string text = string.Join(' ', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(8));
        return Int8.Tokenizer.Encode(text)[..count];
    }

    public void Dispose()
    {
        Float.Dispose();
        Int8.Dispose();
        Single.Dispose();
    }
}
