using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// A coded token on its own, until eight of a tier make a unit: the bits that are the token's in the vectors of a unit, one vector after the other, then its scale and zero point of every
/// group. Of a key that is one dword of each vector; of a value it is one byte of each dword, in the vectors of its half of the tokens. The high bits of 3-bit values share a vector between
/// both halves: there a token has half a byte, and two chunks share a byte.
/// </summary>
internal static unsafe class OpenRow
{
    private const int Tokens = CodeLayout.CodedTokens;
    private const int Half = Tokens / 2;
    private const uint Nibble = 0xF;

    /// <summary>Bytes of a key's row: an eighth of a unit's.</summary>
    public static int KeyBytes<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes => CodedRow.Bytes<TPlanes>(layout) / Tokens;

    /// <summary>Bytes of a value's row: an eighth of a unit's, and half bytes more where an odd number of chunks leaves them alone.</summary>
    public static int ValueBytes<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes => ValueCodes<TPlanes>(layout) + (2 * layout.Groups);

    /// <summary>Copies a key out of a unit.</summary>
    public static void ExtractKey<TPlanes>(byte* keys, int token, byte* row, in CodeLayout layout)
        where TPlanes : struct, IPlanes
    {
        for (int vector = 0; vector < Vectors<TPlanes>(layout); vector++)
        {
            ((uint*)row)[vector] = ((uint*)keys)[(vector * Tokens) + token];
        }

        ExtractScales(CodedRow.KeyScales<TPlanes>(keys, layout.HeadDim, 0), token, row + (Vectors<TPlanes>(layout) * sizeof(uint)), layout.Groups);
    }

    /// <summary>Lays keys side by side in a unit; behind the last it has 0.</summary>
    public static void AssembleKeys<TPlanes>(byte** rows, int count, byte* keys, in CodeLayout layout)
        where TPlanes : struct, IPlanes
    {
        byte* none = stackalloc byte[KeyBytes<TPlanes>(layout)];
        byte** all = stackalloc byte*[Tokens];
        Fill(rows, count, KeyBytes<TPlanes>(layout), none, all);
        uint* a = (uint*)all[0], b = (uint*)all[1], c = (uint*)all[2], d = (uint*)all[3], e = (uint*)all[4], f = (uint*)all[5], g = (uint*)all[6], h = (uint*)all[7];
        int vectors = Vectors<TPlanes>(layout);
        for (int i = 0; i < vectors; i++)
        {
            Vector256.Create(a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]).Store((uint*)keys + (i * Tokens));
        }

        AssembleScales(all, vectors * sizeof(uint), CodedRow.KeyScales<TPlanes>(keys, layout.HeadDim, 0), layout.Groups);
    }

    /// <summary>Copies a value out of a unit.</summary>
    public static void ExtractValue<TPlanes>(byte* values, int token, byte* row, in CodeLayout layout)
        where TPlanes : struct, IPlanes
    {
        int half = token / Half, shift = 8 * (token % Half), own = TPlanes.Bits / 2;
        ulong halves = 0;
        byte* target = row;
        int chunks = layout.HeadDim / CodeLayout.ChunkDims;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            Vector256<uint>* vectors = (Vector256<uint>*)CodedRow.ValueChunk<TPlanes>(values, layout.Groups, chunk);
            for (int i = 0; i < own; i++, target += sizeof(ulong))
            {
                *(ulong*)target = Bytes(vectors[(half * own) + i] >> shift);
            }

            if (TPlanes.Bits % 2 == 1)
            {
                halves |= Bytes((vectors[TPlanes.Bits - 1] >> (shift + (Half * half))) & Vector256.Create(Nibble)) << (Half * (chunk % 2));
                if (chunk % 2 == 1 || chunk == chunks - 1)
                {
                    *(ulong*)target = halves;
                    target += sizeof(ulong);
                    halves = 0;
                }
            }
        }

        ExtractScales(CodedRow.ValueScales(values, 0), token, target, layout.Groups);
    }

    /// <summary>Lays values side by side in a unit; behind the last it has 0.</summary>
    public static void AssembleValues<TPlanes>(byte** rows, int count, byte* values, in CodeLayout layout)
        where TPlanes : struct, IPlanes
    {
        byte* none = stackalloc byte[ValueBytes<TPlanes>(layout)];
        byte** all = stackalloc byte*[Tokens];
        Fill(rows, count, ValueBytes<TPlanes>(layout), none, all);
        int own = TPlanes.Bits / 2, at = 0, chunks = layout.HeadDim / CodeLayout.ChunkDims, halves = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            Vector256<uint>* vectors = (Vector256<uint>*)CodedRow.ValueChunk<TPlanes>(values, layout.Groups, chunk);
            for (int i = 0; i < own; i++, at += sizeof(ulong))
            {
                vectors[i] = Dwords(all[0] + at) | (Dwords(all[1] + at) << 8) | (Dwords(all[2] + at) << 16) | (Dwords(all[3] + at) << 24);
                vectors[own + i] = Dwords(all[4] + at) | (Dwords(all[5] + at) << 8) | (Dwords(all[6] + at) << 16) | (Dwords(all[7] + at) << 24);
            }

            if (TPlanes.Bits % 2 == 1)
            {
                // The half bytes of two chunks lie behind the second one's bytes, or the last one's.
                bool first = chunk % 2 == 0;
                halves = first ? at + (chunk < chunks - 1 ? own * sizeof(ulong) : 0) : halves;
                Vector256<uint> sum = default;
                for (int token = 0; token < Tokens; token++)
                {
                    sum |= ((Dwords(all[token] + halves) >> (first ? 0 : Half)) & Vector256.Create(Nibble)) << ((8 * (token % Half)) + (token / Half * Half));
                }

                vectors[TPlanes.Bits - 1] = sum;
                at += first && chunk < chunks - 1 ? 0 : sizeof(ulong);
            }
        }

        AssembleScales(all, at, CodedRow.ValueScales(values, 0), layout.Groups);
    }

    private static int Vectors<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes => layout.HeadDim / CodeLayout.ChunkDims * TPlanes.Bits;

    private static int ValueCodes<TPlanes>(in CodeLayout layout)
        where TPlanes : struct, IPlanes
    {
        int chunks = layout.HeadDim / CodeLayout.ChunkDims;
        return ((TPlanes.Bits / 2 * chunks) + (TPlanes.Bits % 2 * ((chunks + 1) / 2))) * sizeof(ulong);
    }

    // Rows of zeros stand for tokens that are not there.
    private static void Fill(byte** rows, int count, int bytes, byte* none, byte** all)
    {
        NativeMemory.Clear(none, (nuint)bytes);
        for (int token = 0; token < Tokens; token++)
        {
            all[token] = token < count ? rows[token] : none;
        }
    }

    private static void ExtractScales(byte* scales, int token, byte* row, int groups)
    {
        for (int group = 0; group < groups; group++, scales += 2 * Tokens)
        {
            (row[2 * group], row[(2 * group) + 1]) = (scales[token], scales[Tokens + token]);
        }
    }

    private static void AssembleScales(byte** rows, int at, byte* scales, int groups)
    {
        for (int group = 0; group < groups; group++, scales += 2 * Tokens)
        {
            ulong steps = 0, zeros = 0;
            for (int token = 0; token < Tokens; token++)
            {
                steps |= (ulong)rows[token][at + (2 * group)] << (8 * token);
                zeros |= (ulong)rows[token][at + (2 * group) + 1] << (8 * token);
            }

            (*(ulong*)scales, *(ulong*)(scales + Tokens)) = (steps, zeros);
        }
    }

    // The lowest byte of each dword.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bytes(Vector256<uint> dwords)
    {
        Vector256<ushort> words = Vector256.Narrow(dwords & Vector256.Create(0xFFu), default);
        return Vector256.Narrow(words, default).AsUInt64().ToScalar();
    }

    // Eight bytes, each in a dword.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Dwords(byte* eight)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(eight).AsUInt32();
        }

        Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)eight).AsByte());
        return Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words));
    }
}
