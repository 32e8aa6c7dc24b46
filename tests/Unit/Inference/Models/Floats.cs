using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Models;

/// <summary>A tensor's weights as floats, row after row.</summary>
internal static class Floats
{
    public static float[] Of(ModelSource model, string name)
    {
        ModelTensor tensor = model.Tensors[name];
        byte[] bytes = new byte[tensor.Rows * tensor.RowBytes];
        tensor.ReadRows(0, tensor.Rows, bytes);
        float[] weights = new float[tensor.Rows * tensor.Columns];
        for (int row = 0; row < tensor.Rows; row++)
        {
            WeightFormats.Dequantize(
                tensor.Type, bytes.AsSpan(row * tensor.RowBytes, tensor.RowBytes), weights.AsSpan(row * tensor.Columns, tensor.Columns));
        }

        return weights;
    }
}
