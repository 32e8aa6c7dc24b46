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

    /// <summary>Rows whose codes lie side by side where products of one plane read them so.</summary>
    public const int TogetherRows = 8;

    private const float Levels = 127 * HighWeight;
    private const int HighShift = 8;

    private readonly NativeBuffer codes;
    private readonly NativeBuffer? words;
    private readonly NativeBuffer? planes; // Codes, and behind all of them scales and sums.
    private readonly NativeBuffer scales;
    private readonly NativeBuffer sums;
    private readonly float levels;
    private readonly long allBlocks;
    private readonly int shift; // Of codes: one plane's steps are 256.

    /// <summary>Room for rows of up to <paramref name="columns"/> columns.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Most columns of a row.</param>
    /// <param name="single">Whether one plane has to do.</param>
    /// <param name="narrow">Whether all weights that they are multiplied with have 4 bits.</param>
    public QuantizedRows(int rows, int columns, bool single = false, bool narrow = false)
    {
        (IsSingle, levels, shift) = single ? (true, 127f, HighShift) : (false, Levels, 0);
        bool together = Avx512BW.IsSupported && rows >= EightProduct512.LeastRows;
        long blocks = (rows + (together ? EightProduct512.Rows - 1L : 0)) * columns / BlockColumns; // It reads eight rows of everything where fewer are left.
        codes = new NativeBuffer(blocks * BlockBytes);
        words = together && !(single && narrow) ? new NativeBuffer(blocks * BlockBytes) : null;
        planes = single && TileProduct512<PlaneTile>.Pays(rows) ? new NativeBuffer(blocks * (BlockColumns + (2 * sizeof(float)))) : null;
        allBlocks = blocks;
        scales = NativeBuffer.OfFloats(blocks);
        sums = NativeBuffer.OfFloats(blocks);
    }

    /// <summary>Memory of all rows, and of those that are read behind the last one.</summary>
    public long Bytes => codes.Bytes + (words?.Bytes ?? 0) + (planes?.Bytes ?? 0) + scales.Bytes + sums.Bytes;

    /// <summary>Rows that are multiplied together from now on, which decides what is written of each; 0 for any number.</summary>
    public int Batch { get; set; }

    /// <summary>Whether low planes are 0.</summary>
    public bool IsSingle { get; }

    /// <summary>Blocks of codes of a row, rows being <paramref name="columns"/> wide.</summary>
    public sbyte* Codes(int row, int columns) => (sbyte*)codes.Pointer + ((long)row * columns / BlockColumns * BlockBytes);

    /// <summary>The same codes in 16 bits where products of batches read them so: per block sixteen words of two columns, in the order of <see cref="WordTile"/>.</summary>
    public int* Words(int row, int columns) => (int*)words!.Pointer + ((long)row * columns / BlockColumns * BlockWords);

    /// <summary>High bytes of eight rows from a block on, the first a multiple of eight: per block [8][row] four columns in 32 bits. Where one plane has to do, for products of batches.</summary>
    public int* Planes(int row, int columns, int block) => (int*)planes!.Pointer + (Together(row, columns, block) * BlockColumns / sizeof(int));

    /// <summary>The same rows' scales and sums: per block [row] scales, then [row] sums.</summary>
    public float* Factors(int row, int columns, int block) => (float*)(planes!.Pointer + (allBlocks * BlockColumns)) + (2 * Together(row, columns, block));

    /// <summary>Scales of a row, one per 32 columns.</summary>
    public float* Scales(int row, int columns) => scales.Floats + ((long)row * columns / BlockColumns);

    /// <summary>Sums of a row's dequantized blocks.</summary>
    public float* Sums(int row, int columns) => sums.Floats + ((long)row * columns / BlockColumns);

    /// <summary>Quantizes columns <paramref name="from"/> to <paramref name="to"/> (multiples of 32) of one row.</summary>
    public void Quantize(int row, int columns, float* source, int from, int to) => Quantize(row, 1, columns, source + from, columns, from, to);

    /// <summary>The same of some rows.</summary>
    /// <param name="row">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Of a row.</param>
    /// <param name="source">Column <paramref name="from"/> of the first row.</param>
    /// <param name="stride">Floats between rows of the source.</param>
    /// <param name="from">First column.</param>
    /// <param name="to">Past the last column.</param>
    public void Quantize(int row, int rows, int columns, float* source, int stride, int from, int to)
    {
        int first = from / BlockColumns, count = (to - from) / BlockColumns;
        for (int end = row + rows; row < end; row++, source += stride)
        {
            if (Avx512BW.IsSupported)
            {
                Wide(source, row, columns, first, count);
                continue;
            }

            sbyte* code = Codes(row, columns) + (first * BlockBytes);
            float* scale = Scales(row, columns) + first, sum = Sums(row, columns) + first;
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
    }

    public void Dispose()
    {
        codes.Dispose();
        words?.Dispose();
        planes?.Dispose();
        scales.Dispose();
        sums.Dispose();
    }

    private static long Together(int row, int columns, int block) => ((long)row * columns / BlockColumns) + ((long)block * TogetherRows);

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
    private void Wide(float* source, int row, int columns, int first, int count)
    {
        bool few = Batch == 0 || !TileProduct512<PlaneTile>.Pays(Batch), many = Batch == 0 || !few;
        sbyte* code = few ? Codes(row, columns) + (first * BlockBytes) : null;
        int* word = words is null ? null : Words(row, columns) + (first * BlockWords);
        int own = row % TogetherRows;
        int* plane = many && planes is not null ? Planes(row - own, columns, first) + own : null;
        float* factor = plane is null ? null : Factors(row - own, columns, first) + own;
        float* scales = Scales(row, columns) + first, sums = Sums(row, columns) + first;
        Vector128<byte> four = Vector128.Create((byte)0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
        Vector512<byte> order = Vector512.Create(Vector256.Create(four, four), Vector256.Create(four, four));
        for (int block = 0; block < count; block++, source += BlockColumns)
        {
            Vector512<float> a = Vector512.Load(source), b = Vector512.Load(source + 16);
            Vector512<float> top = Avx512F.Max(Vector512.Abs(a), Vector512.Abs(b));
            Vector256<float> half = Avx.Max(top.GetLower(), top.GetUpper());
            float largest = Largest(Sse.Max(half.GetLower(), half.GetUpper()));
            Vector512<float> inverse = Vector512.Create(largest > 0f ? levels / largest : 0f);
            Vector512<int> low = Avx512F.ConvertToVector512Int32(a * inverse) << shift, high = Avx512F.ConvertToVector512Int32(b * inverse) << shift;
            float scale = largest / Levels, sum = scale * Vector512.Sum(low + high);
            (scales[block], sums[block]) = (scale, sum);
            Vector512<short> both = Avx512F.ConvertToVector256Int16(low).ToVector512Unsafe().WithUpper(Avx512F.ConvertToVector256Int16(high));
            Vector256<sbyte> upper = Avx512BW.ConvertToVector256SByte((both + Vector512.Create((short)(HighWeight / 2))) >> HighShift);
            if (code is not null)
            {
                upper.Store(code);
                Avx512BW.ConvertToVector256SByte(both).Store(code + BlockColumns);
                code += BlockBytes;
            }

            if (word is not null)
            {
                Avx512BW.Shuffle(both.AsByte(), order).Store((byte*)word);
                word += BlockWords;
            }

            if (plane is not null)
            {
                PutTogether(upper.AsInt32(), plane);
                (factor[0], factor[TogetherRows]) = (scale, sum);
                plane += PlaneTile.Planes * TogetherRows;
                factor += 2 * TogetherRows;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutTogether(Vector256<int> fours, int* plane)
    {
        Vector128<int> front = fours.GetLower(), back = fours.GetUpper();
        (plane[0], plane[TogetherRows], plane[2 * TogetherRows], plane[3 * TogetherRows]) = (front[0], front[1], front[2], front[3]);
        (plane[4 * TogetherRows], plane[5 * TogetherRows], plane[6 * TogetherRows], plane[7 * TogetherRows]) = (back[0], back[1], back[2], back[3]);
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
