namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>
/// Keys with a scale per channel over 32 tokens, values with a scale per token over 32 channels, from the smallest to the largest: the code of
/// KIVI (Liu et al. 2024). Tokens wait at full precision until their group of 32 is complete.
/// </summary>
/// <param name="bits">Bits per code.</param>
internal sealed class ChannelKeyCode(int bits) : SimulatedCode
{
    private const int GroupSize = 32;
    private const int ParameterBits = 32;

    public override int Tokens => GroupSize;

    public override double BitsPerElement(int headDim) => bits + ((double)ParameterBits / GroupSize);

    public override void Reconstruct(Span<float> keys, Span<float> values, int headDim)
    {
        for (int channel = 0; channel < headDim; channel++)
        {
            Reconstruct(keys[channel..], headDim);
        }

        for (int start = 0; start < values.Length; start += GroupSize)
        {
            Reconstruct(values[start..], 1);
        }
    }

    private void Reconstruct(Span<float> elements, int stride)
    {
        float least = float.PositiveInfinity;
        float most = float.NegativeInfinity;
        for (int i = 0; i < GroupSize; i++)
        {
            least = Math.Min(least, elements[i * stride]);
            most = Math.Max(most, elements[i * stride]);
        }

        int top = (1 << bits) - 1;
        float scale = Rounded((most - least) / top);
        least = Rounded(least);
        for (int i = 0; i < GroupSize; i++)
        {
            float code = scale > 0f ? Math.Clamp(MathF.Round((elements[i * stride] - least) / scale), 0f, top) : 0f;
            elements[i * stride] = least + (scale * code);
        }
    }
}
