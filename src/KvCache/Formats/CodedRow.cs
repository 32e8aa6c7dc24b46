using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Where the cells of one side (keys or values) of a unit lie: HeadDim / 32 chunks of 32 * Bits bytes of codes, and per group eight scales and eight zero points, a byte each. Keys have them behind
/// their codes, values before them, so that both have them side by side and no vector of codes crosses the line of a cache.
/// </summary>
internal static unsafe class CodedRow
{
    private const int ParameterBytes = 2 * CodeLayout.CodedTokens;

    /// <summary>Bytes of one side.</summary>
    public static int Bytes<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes => (layout.HeadDim * TPlanes.Bits) + (layout.Groups * ParameterBytes);

    /// <summary>First code of a key's chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* KeyChunk<TPlanes>(byte* keys, int chunk)
        where TPlanes : struct, IPlanes => keys + (chunk * CodeLayout.ChunkDims * TPlanes.Bits);

    /// <summary>First code of a value's chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* ValueChunk<TPlanes>(byte* values, int groups, int chunk)
        where TPlanes : struct, IPlanes => KeyChunk<TPlanes>(values + (groups * ParameterBytes), chunk);

    /// <summary>Eight scales of a group of keys, by token, as <see cref="Float8"/>; eight zero points follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* KeyScales<TPlanes>(byte* keys, int headDim, int group)
        where TPlanes : struct, IPlanes => keys + (headDim * TPlanes.Bits) + (group * ParameterBytes);

    /// <summary>The same of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* ValueScales(byte* values, int group) => values + (group * ParameterBytes);

    /// <summary>Eight scales, and the values of code 0 that they have with the zero points behind them.</summary>
    /// <param name="scales">Where the scales lie.</param>
    /// <param name="minima">Receives the values of code 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales8<TPlanes>(byte* scales, out Vector256<float> minima)
        where TPlanes : struct, IPlanes
    {
        Vector256<float> steps = Float8.Widen8(scales);
        minima = steps * (Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(scales + CodeLayout.CodedTokens)) * Vector256.Create(ZeroStep<TPlanes>()));
        return steps;
    }

    /// <summary>Four of them, for processors without 256-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales4<TPlanes>(byte* scales, out Vector128<float> minima)
        where TPlanes : struct, IPlanes
    {
        Vector128<float> steps = Float8.Widen4(scales);
        minima = steps * (Vector128.ConvertToSingle(Float8.Bytes4(scales + CodeLayout.CodedTokens)) * Vector128.Create(ZeroStep<TPlanes>()));
        return steps;
    }

    /// <summary>Encodes a row.</summary>
    public static void Write<TPlanes>(byte* side, int token, ReadOnlySpan<float> row, in CodeLayout layout, bool keys)
        where TPlanes : struct, IPlanes
    {
        Span<byte> codes = stackalloc byte[layout.HeadDim];
        for (int group = 0; group < layout.Groups; group++)
        {
            ReadOnlySpan<float> values = row.Slice(group * layout.GroupSize, layout.GroupSize);
            UniformCode code = UniformCode.Fit(values, TPlanes.Bits, layout.Rounding);
            code.Encode(values, TPlanes.Bits, codes[(group * layout.GroupSize)..]);
            byte* scales = Scales<TPlanes>(side, layout, group, keys);
            (scales[token], scales[CodeLayout.CodedTokens + token]) = (code.Scale, code.Zero);
        }

        for (int chunk = 0; chunk < layout.HeadDim / CodeLayout.ChunkDims; chunk++)
        {
            Pack<TPlanes>(Chunk<TPlanes>(side, layout, chunk, keys), token, codes[(chunk * CodeLayout.ChunkDims)..], keys);
        }
    }

    // A token's bytes in a key's plane are four dimensions of one of its dwords; in a value's plane one byte of each dword, in four of the planes.
    private static void Pack<TPlanes>(byte* chunk, int token, ReadOnlySpan<byte> codes, bool keys)
        where TPlanes : struct, IPlanes
    {
        if (keys)
        {
            Vector256<byte> mask = Vector256.Equals(Vector256<uint>.Indices, Vector256.Create((uint)token)).AsByte();
            for (int plane = 0; plane < 8; plane++)
            {
                TPlanes.Write(chunk, plane, Vector256.Create(MemoryMarshal.Read<uint>(codes[(4 * plane)..])).AsByte(), mask);
            }

            return;
        }

        int shift = 8 * (token % 4);
        Vector256<byte> bytes = Vector256.Create(0xFFu << shift).AsByte();
        for (int eight = 0; eight < 4; eight++)
        {
            Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(MemoryMarshal.Read<ulong>(codes[(8 * eight)..])).AsByte());
            Vector256<uint> dwords = Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words));
            TPlanes.Write(chunk, eight + (token / 4 * 4), (dwords << shift).AsByte(), bytes);
        }
    }

    /// <summary>Reconstructs a row.</summary>
    public static void Read<TPlanes>(byte* side, int token, Span<float> row, in CodeLayout layout, bool keys)
        where TPlanes : struct, IPlanes
    {
        for (int i = 0; i < row.Length; i++)
        {
            byte* scales = Scales<TPlanes>(side, layout, i / layout.GroupSize, keys);
            UniformCode code = new(scales[token], scales[CodeLayout.CodedTokens + token]);
            (int plane, int index) = Cell(i % CodeLayout.ChunkDims, token, keys);
            row[i] = code.Decode(TPlanes.Get(Chunk<TPlanes>(side, layout, i / CodeLayout.ChunkDims, keys), plane, index), TPlanes.Bits);
        }
    }

    private static float ZeroStep<TPlanes>()
        where TPlanes : struct, IPlanes => UniformCode.ZeroStep((1 << TPlanes.Bits) - 1);

    private static byte* Chunk<TPlanes>(byte* side, in CodeLayout layout, int chunk, bool keys)
        where TPlanes : struct, IPlanes => keys ? KeyChunk<TPlanes>(side, chunk) : ValueChunk<TPlanes>(side, layout.Groups, chunk);

    private static byte* Scales<TPlanes>(byte* side, in CodeLayout layout, int group, bool keys)
        where TPlanes : struct, IPlanes => keys ? KeyScales<TPlanes>(side, layout.HeadDim, group) : ValueScales(side, group);

    private static (int Plane, int Index) Cell(int dim, int token, bool keys) => keys ? KeyCell(dim, token) : ValueCell(dim, token);

    /// <summary>Plane and byte of a key's dimension within its chunk.</summary>
    public static (int Plane, int Index) KeyCell(int dim, int token) => (dim / 4, (4 * token) + (dim % 4));

    /// <summary>Plane and byte of a value's dimension within its chunk.</summary>
    public static (int Plane, int Index) ValueCell(int dim, int token) => ((dim / 8) + (token / 4 * 4), (4 * (dim % 8)) + (token % 4));
}
