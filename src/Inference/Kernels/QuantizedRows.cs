using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Activations as 16-bit codes per 32 columns, kept as two int8 planes: x is about scale * (256 high + low). One plane alone costs 0.0027
/// nats of KL on the real model (laboratory arithmetic); the second makes the integer path as good as float, and decoding stays bound by memory. Per block: 32
/// high bytes, then 32 low bytes, which are 0 where one plane has to do. The block sums multiply the weights' minima.
/// </summary>
internal sealed unsafe class QuantizedRows : IDisposable
{
    /// <summary>Columns that share a scale.</summary>
    public const int BlockColumns = 32;

    /// <summary>Bytes of a block: a high and a low plane.</summary>
    public const int BlockBytes = 2 * BlockColumns;

    /// <summary>Words of two 16-bit codes in a block.</summary>
    public const int BlockWords = BlockColumns / 2;

    /// <summary>Weight of the high plane.</summary>
    public const int HighWeight = 256;

    private const float Levels = 127 * HighWeight;
    private const int HighShift = 8;

    private readonly NativeBuffer codes;
    private readonly NativeBuffer? words;
    private readonly NativeBuffer scales;
    private readonly NativeBuffer sums;
    private readonly float levels;
    private readonly int shift; // Of codes: one plane's steps are 256.

    /// <summary>Room for rows of up to <paramref name="columns"/> columns.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Most columns of a row.</param>
    /// <param name="single">Whether one plane has to do.</param>
    public QuantizedRows(int rows, int columns, bool single = false)
    {
        (IsSingle, levels, shift) = single ? (true, 127f, HighShift) : (false, Levels, 0);
        bool together = Avx512BW.IsSupported && rows >= EightProduct512.LeastRows;
        long blocks = (rows + (together ? EightProduct512.Rows - 1L : 0)) * columns / BlockColumns; // It reads eight rows of everything where fewer are left.
        codes = new NativeBuffer(blocks * BlockBytes);
        words = together ? new NativeBuffer(blocks * BlockBytes) : null;
        scales = NativeBuffer.OfFloats(blocks);
        sums = NativeBuffer.OfFloats(blocks);
    }

    /// <summary>Memory of all rows, and of those that are read behind the last one.</summary>
    public long Bytes => codes.Bytes + (words?.Bytes ?? 0) + scales.Bytes + sums.Bytes;

    /// <summary>Whether low planes are 0.</summary>
    public bool IsSingle { get; }

    /// <summary>Blocks of codes of a row, rows being <paramref name="columns"/> wide.</summary>
    public sbyte* Codes(int row, int columns) => (sbyte*)codes.Pointer + ((long)row * columns / BlockColumns * BlockBytes);

    /// <summary>The same codes in 16 bits where products of batches read them so: per block sixteen words of two columns, in the order of <see cref="WordTile"/>.</summary>
    public int* Words(int row, int columns) => (int*)words!.Pointer + ((long)row * columns / BlockColumns * BlockWords);

    /// <summary>Scales of a row, one per 32 columns.</summary>
    public float* Scales(int row, int columns) => scales.Floats + ((long)row * columns / BlockColumns);

    /// <summary>Sums of a row's dequantized blocks.</summary>
    public float* Sums(int row, int columns) => sums.Floats + ((long)row * columns / BlockColumns);

    /// <summary>Quantizes columns <paramref name="from"/> to <paramref name="to"/> (multiples of 32) of one row.</summary>
    public void Quantize(int row, int columns, float* source, int from, int to)
    {
        int first = from / BlockColumns, count = (to - from) / BlockColumns;
        sbyte* code = Codes(row, columns) + (first * BlockBytes);
        float* scale = Scales(row, columns) + first, sum = Sums(row, columns) + first;
        source += from;
        if (Avx512BW.IsSupported)
        {
            Wide(source, count, code, words is null ? null : Words(row, columns) + (first * BlockWords), scale, sum);
            return;
        }

        for (int block = 0; block < count; block++)
        {
            if (Avx2.IsSupported)
            {
                Vector(source + (block * BlockColumns), code + (block * BlockBytes), scale + block, sum + block);
            }
            else
            {
                Narrow(source + (block * BlockColumns), code + (block * BlockBytes), scale + block, sum + block);
            }
        }
    }

    public void Dispose()
    {
        codes.Dispose();
        words?.Dispose();
        scales.Dispose();
        sums.Dispose();
    }

    // For processors without 256-bit vectors.
    private void Narrow(float* source, sbyte* code, float* scale, float* sum)
    {
        Vector128<float> top = default;
        for (int i = 0; i < BlockColumns; i += 4)
        {
            top = Vector128.Max(top, Vector128.Abs(Vector128.Load(source + i)));
        }

        float largest = Math.Max(Math.Max(top[0], top[1]), Math.Max(top[2], top[3]));
        Vector128<float> inverse = Vector128.Create(largest > 0f ? levels / largest : 0f);
        Vector128<int> total = default;
        for (int i = 0; i < BlockColumns; i += 8)
        {
            Vector128<int> first = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(source + i) * inverse)) << shift;
            Vector128<int> second = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(source + i + 4) * inverse)) << shift;
            Vector128<int> half = Vector128.Create(HighWeight / 2);
            Vector128<short> high = Vector128.Narrow((first + half) >> 8, (second + half) >> 8);
            Vector128<short> low = Vector128.Narrow(first, second) - (high << 8);
            *(long*)(code + i) = Vector128.Narrow(high, high).AsInt64().ToScalar();
            *(long*)(code + i + BlockColumns) = Vector128.Narrow(low, low).AsInt64().ToScalar();
            total += first + second;
        }

        *scale = largest / Levels;
        *sum = *scale * Vector128.Sum(total);
    }

    // A low byte is the code's own: high is rounded so that 256 high + low, low signed, is the code. Words have columns 0, 2, 1, 3 of every four.
    private void Wide(float* source, int count, sbyte* code, int* word, float* scale, float* sum)
    {
        Vector128<byte> four = Vector128.Create((byte)0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
        Vector512<byte> order = Vector512.Create(Vector256.Create(four, four), Vector256.Create(four, four));
        for (int block = 0; block < count; block++)
        {
            Vector512<float> a = Vector512.Load(source), b = Vector512.Load(source + 16);
            Vector512<float> top = Avx512F.Max(Vector512.Abs(a), Vector512.Abs(b));
            Vector256<float> half = Avx.Max(top.GetLower(), top.GetUpper());
            float largest = Largest(Sse.Max(half.GetLower(), half.GetUpper()));
            Vector512<float> inverse = Vector512.Create(largest > 0f ? levels / largest : 0f);
            Vector512<int> low = Avx512F.ConvertToVector512Int32(a * inverse) << shift, high = Avx512F.ConvertToVector512Int32(b * inverse) << shift;
            scale[block] = largest / Levels;
            sum[block] = scale[block] * Vector512.Sum(low + high);
            Vector512<short> both = Avx512F.ConvertToVector256Int16(low).ToVector512Unsafe().WithUpper(Avx512F.ConvertToVector256Int16(high));
            Avx512BW.ConvertToVector256SByte((both + Vector512.Create((short)(HighWeight / 2))) >> HighShift).Store(code);
            Avx512BW.ConvertToVector256SByte(both).Store(code + BlockColumns);
            if (word is not null)
            {
                Avx512BW.Shuffle(both.AsByte(), order).Store((byte*)word);
                word += BlockWords;
            }

            source += BlockColumns;
            code += BlockBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector128<float> four)
    {
        four = Sse.Max(four, Sse.MoveHighToLow(four, four));
        return Sse.MaxScalar(four, Sse.Shuffle(four, four, 1)).ToScalar();
    }

    private void Vector(float* source, sbyte* code, float* scale, float* sum)
    {
        Vector256<float> a = Avx.LoadVector256(source), b = Avx.LoadVector256(source + 8);
        Vector256<float> c = Avx.LoadVector256(source + 16), d = Avx.LoadVector256(source + 24);
        Vector256<float> top = Avx.Max(Avx.Max(Vector256.Abs(a), Vector256.Abs(b)), Avx.Max(Vector256.Abs(c), Vector256.Abs(d)));
        float largest = Largest(Sse.Max(top.GetLower(), top.GetUpper()));
        Vector256<float> inverse = Vector256.Create(largest > 0f ? levels / largest : 0f);
        Vector256<int> ca = Avx.ConvertToVector256Int32(a * inverse) << shift, cb = Avx.ConvertToVector256Int32(b * inverse) << shift;
        Vector256<int> cc = Avx.ConvertToVector256Int32(c * inverse) << shift, cd = Avx.ConvertToVector256Int32(d * inverse) << shift;
        *scale = largest / Levels;
        *sum = *scale * Vector256.Sum((ca + cb) + (cc + cd));
        Vector256<int> half256 = Vector256.Create(HighWeight / 2);
        Vector256<int> ha = (ca + half256) >> 8, hb = (cb + half256) >> 8, hc = (cc + half256) >> 8, hd = (cd + half256) >> 8;
        Avx.Store(code, Pack(ha, hb, hc, hd));
        Avx.Store(code + BlockColumns, Pack(ca - (ha << 8), cb - (hb << 8), cc - (hc << 8), cd - (hd << 8)));
    }

    // The packs work within 128-bit halves; the permutation puts the four dwords of each source back in order.
    private static Vector256<sbyte> Pack(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<sbyte> packed = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(a, b), Avx2.PackSignedSaturate(c, d));
        return Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsSByte();
    }
}
