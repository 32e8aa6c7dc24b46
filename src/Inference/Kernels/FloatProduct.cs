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
            if (batch == 4)
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

    // Two vectors of four rows; a fused product is a call where the processor has none.
    private static void Portable(float* values, int columns, float* input, float* sums)
    {
        Vector128<float> lower = default, upper = default;
        for (int column = 0; column < columns; column++, values += PackedMatrix.OctetRows)
        {
            Vector128<float> value = Vector128.Create(input[column]);
            lower = Vector128.MultiplyAddEstimate(Vector128.Load(values), value, lower);
            upper = Vector128.MultiplyAddEstimate(Vector128.Load(values + 4), value, upper);
        }

        lower.Store(sums);
        upper.Store(sums + 4);
    }

    private static void One(float* values, int columns, float* input, float* sums)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            Portable(values, columns, input, sums);
            return;
        }

        Vector256<float> sum = default;
        for (int column = 0; column < columns; column++)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(values + (column * PackedMatrix.OctetRows)), Vector256.Create(input[column]), sum);
        }

        sum.Store(sums);
    }

    // Sums of one order with Portable: a row alone and in a batch agree to the bit.
    private static void PortableFour(float* values, int columns, float* input, float* sums)
    {
        Vector128<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        float* second = input + columns, third = second + columns, fourth = third + columns;
        for (int column = 0; column < columns; column++, values += PackedMatrix.OctetRows)
        {
            Vector128<float> lower = Vector128.Load(values), upper = Vector128.Load(values + 4);
            Vector128<float> value = Vector128.Create(input[column]);
            (a0, a1) = (Vector128.MultiplyAddEstimate(lower, value, a0), Vector128.MultiplyAddEstimate(upper, value, a1));
            value = Vector128.Create(second[column]);
            (b0, b1) = (Vector128.MultiplyAddEstimate(lower, value, b0), Vector128.MultiplyAddEstimate(upper, value, b1));
            value = Vector128.Create(third[column]);
            (c0, c1) = (Vector128.MultiplyAddEstimate(lower, value, c0), Vector128.MultiplyAddEstimate(upper, value, c1));
            value = Vector128.Create(fourth[column]);
            (d0, d1) = (Vector128.MultiplyAddEstimate(lower, value, d0), Vector128.MultiplyAddEstimate(upper, value, d1));
        }

        a0.Store(sums);
        a1.Store(sums + 4);
        b0.Store(sums + 8);
        b1.Store(sums + 12);
        c0.Store(sums + 16);
        c1.Store(sums + 20);
        d0.Store(sums + 24);
        d1.Store(sums + 28);
    }

    private static void Four(float* values, int columns, float* input, float* sums)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            PortableFour(values, columns, input, sums);
            return;
        }

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
