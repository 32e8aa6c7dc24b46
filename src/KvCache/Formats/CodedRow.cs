using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Where codes, scales and minima of one side (keys or values) of a unit lie: HeadDim / 32 chunks of 32 * Bits bytes, then per group
/// eight bf16 scales, then per group eight bf16 minima.
/// </summary>
internal static unsafe class CodedRow
{
    private const int ParameterBytes = CodeLayout.CodedTokens * sizeof(ushort);

    /// <summary>Bytes of one side.</summary>
    public static int Bytes<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes => (layout.HeadDim * TPlanes.Bits) + (2 * layout.Groups * ParameterBytes);

    /// <summary>First code of a chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Chunk<TPlanes>(byte* side, int chunk)
        where TPlanes : struct, IPlanes => side + (chunk * CodeLayout.ChunkDims * TPlanes.Bits);

    /// <summary>Eight bf16 scales of a group, by token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort* Scales<TPlanes>(byte* side, int headDim, int group)
        where TPlanes : struct, IPlanes => (ushort*)(side + (headDim * TPlanes.Bits)) + (group * CodeLayout.CodedTokens);

    /// <summary>Eight bf16 minima of a group, by token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort* Minima<TPlanes>(byte* side, int headDim, int groups, int group)
        where TPlanes : struct, IPlanes => Scales<TPlanes>(side, headDim, groups + group);

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
            Scales<TPlanes>(side, layout.HeadDim, group)[token] = code.Scale;
            Minima<TPlanes>(side, layout.HeadDim, layout.Groups, group)[token] = code.Minimum;
        }

        for (int chunk = 0; chunk < layout.HeadDim / CodeLayout.ChunkDims; chunk++)
        {
            Pack<TPlanes>(Chunk<TPlanes>(side, chunk), token, codes[(chunk * CodeLayout.ChunkDims)..], keys);
        }
    }

    // A token's bytes in a key's plane are four dimensions of one of its dwords; in a value's plane one byte of each dword, in every other plane.
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
            TPlanes.Write(chunk, (2 * eight) + (token / 4), (dwords << shift).AsByte(), bytes);
        }
    }

    /// <summary>Reconstructs a row.</summary>
    public static void Read<TPlanes>(byte* side, int token, Span<float> row, in CodeLayout layout, bool keys)
        where TPlanes : struct, IPlanes
    {
        for (int i = 0; i < row.Length; i++)
        {
            int group = i / layout.GroupSize;
            UniformCode code = new(
                Scales<TPlanes>(side, layout.HeadDim, group)[token],
                Minima<TPlanes>(side, layout.HeadDim, layout.Groups, group)[token]);
            (int plane, int index) = Cell(i % CodeLayout.ChunkDims, token, keys);
            row[i] = code.Decode(TPlanes.Get(Chunk<TPlanes>(side, i / CodeLayout.ChunkDims), plane, index));
        }
    }

    private static (int Plane, int Index) Cell(int dim, int token, bool keys) => keys ? KeyCell(dim, token) : ValueCell(dim, token);

    /// <summary>Plane and byte of a key's dimension within its chunk.</summary>
    public static (int Plane, int Index) KeyCell(int dim, int token) => (dim / 4, (4 * token) + (dim % 4));

    /// <summary>Plane and byte of a value's dimension within its chunk.</summary>
    public static (int Plane, int Index) ValueCell(int dim, int token) => ((2 * (dim / 8)) + (token / 4), (4 * (dim % 8)) + (token % 4));
}
