using AdaptiveKv.Inference.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What all layers need of a text's length: how far rotary embedding turns at each position (Su et al. 2021), and which tokens a token sees.</summary>
internal sealed class TextFrame : IDisposable
{
    /// <param name="shape">Of the model.</param>
    /// <param name="tokens">Of the text.</param>
    /// <param name="device">Where it is kept.</param>
    public TextFrame(LlamaShape shape, int tokens, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        int pairs = shape.HeadDim / 2;
        float[] cosines = new float[tokens * pairs], sines = new float[tokens * pairs];
        for (int i = 0; i < cosines.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(i / pairs * Math.Pow(shape.RopeBase, -2.0 * (i % pairs) / shape.HeadDim));
            (cosines[i], sines[i]) = ((float)cosine, (float)sine);
        }

        (Cosines, Sines) = (tensor(cosines, tokens, pairs, device: device).DetachFromDisposeScope(), tensor(sines, tokens, pairs, device: device).DetachFromDisposeScope());
        Future = ones(tokens, tokens, ScalarType.Bool, device).triu(1).DetachFromDisposeScope();
    }

    /// <summary>[tokens, HeadDim / 2].</summary>
    public Tensor Cosines { get; }

    /// <summary>[tokens, HeadDim / 2].</summary>
    public Tensor Sines { get; }

    /// <summary>[tokens, tokens]: whether the second comes after the first.</summary>
    public Tensor Future { get; }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
        Future.Dispose();
    }
}
