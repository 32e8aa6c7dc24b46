using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>What <see cref="EightProduct512"/> multiplies at a time: the columns that have codes in 32 bits of an activation. Sums are exact, whatever they are kept in.</summary>
internal unsafe interface IEightTerms
{
    /// <summary>Terms of two planes of weights, which are eight columns: 4, or 2.</summary>
    static abstract int OfPair { get; }

    /// <summary>First codes of an activation row; blocks lie <see cref="QuantizedRows.BlockWords"/> apart.</summary>
    static abstract int* Codes(QuantizedRows inputs, int row, int columns);

    /// <summary>The weights of two blocks for the terms of two planes; the last two are not read where there are 2.</summary>
    static abstract void Weights(byte* first, byte* second, out Vector512<byte> term0, out Vector512<byte> term1, out Vector512<byte> term2, out Vector512<byte> term3);

    /// <summary>Adds a term to the sums of sixteen weight rows.</summary>
    static abstract Vector512<int> Add(Vector512<int> sums, Vector512<byte> weights, Vector512<byte> codes);

    /// <summary>The products of a block of 32 columns.</summary>
    static abstract Vector512<int> Total(Vector512<int> sums);
}
