using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Products of eight float weight rows, [column][8], with float activations.</summary>
internal static unsafe class FloatProduct
{
    /// <summary>One octet against a batch of rows.</summary>
    public static void Octet(
        float* values, int columns, float* inputs, int rows, float* output, int outputStride, int firstRow, int rowCount, bool add)
    {
        float* sums = stackalloc float[4 * PackedMatrix.OctetRows];
        int valid = Math.Min(PackedMatrix.OctetRows, rowCount - firstRow);
        for (int row = 0; row < rows; row += 4)
        {
            int batch = Math.Min(4, rows - row);
            float* input = inputs + ((long)row * columns);
            if (!Vector256.IsHardwareAccelerated)
            {
                Scalar(values, columns, input, batch, sums);
            }
            else if (batch == 4)
            {
                Four(values, columns, input, sums);
            }
            else
            {
                for (int i = 0; i < batch; i++)
                {
                    One(values, columns, input + ((long)i * columns), sums + (i * PackedMatrix.OctetRows));
                }
            }

            for (int i = 0; i < batch; i++)
            {
                OctetOutput.Store(sums + (i * PackedMatrix.OctetRows), output + ((long)(row + i) * outputStride) + firstRow, valid, add);
            }
        }
    }

    /// <summary>The reference: [batch][8] sums.</summary>
    internal static void Scalar(float* values, int columns, float* inputs, int batch, float* sums)
    {
        for (int i = 0; i < batch; i++)
        {
            for (int row = 0; row < PackedMatrix.OctetRows; row++)
            {
                float sum = 0f;
                for (int column = 0; column < columns; column++)
                {
                    sum = MathF.FusedMultiplyAdd(values[(column * PackedMatrix.OctetRows) + row], inputs[((long)i * columns) + column], sum);
                }

                sums[(i * PackedMatrix.OctetRows) + row] = sum;
            }
        }
    }

    private static void One(float* values, int columns, float* input, float* sums)
    {
        Vector256<float> sum = default;
        for (int column = 0; column < columns; column++)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(values + (column * PackedMatrix.OctetRows)), Vector256.Create(input[column]), sum);
        }

        sum.Store(sums);
    }

    private static void Four(float* values, int columns, float* input, float* sums)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        float* second = input + columns, third = second + columns, fourth = third + columns;
        for (int column = 0; column < columns; column++)
        {
            Vector256<float> weights = Vector256.Load(values + (column * PackedMatrix.OctetRows));
            a = Vector256.FusedMultiplyAdd(weights, Vector256.Create(input[column]), a);
            b = Vector256.FusedMultiplyAdd(weights, Vector256.Create(second[column]), b);
            c = Vector256.FusedMultiplyAdd(weights, Vector256.Create(third[column]), c);
            d = Vector256.FusedMultiplyAdd(weights, Vector256.Create(fourth[column]), d);
        }

        a.Store(sums);
        b.Store(sums + 8);
        c.Store(sums + 16);
        d.Store(sums + 24);
    }
}
