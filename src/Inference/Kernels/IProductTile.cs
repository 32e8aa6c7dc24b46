namespace AdaptiveKv.Inference.Kernels;

/// <summary>Some columns of 32 weight rows, unpacked once for all activation rows of a batch, and the products of the two. Integer sums are exact; what becomes of them in float is that of <see cref="Int8Product{TBlock}"/>, to the bit.</summary>
internal unsafe interface IProductTile
{
    /// <summary>Bytes of a block of 32 columns.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Blocks of a tile: they and the activations that pass by at a time stay in a first-level cache of 32 KB.</summary>
    static abstract int MostBlocks { get; }

    /// <summary>Activation rows that kernels compute at a time.</summary>
    static abstract int RowsTogether { get; }

    /// <summary>Bytes of a block of an activation row as kernels read it.</summary>
    static abstract int InputBytes { get; }

    /// <summary>Unpacks blocks of a tile.</summary>
    /// <param name="weights">The matrix.</param>
    /// <param name="octet">First octet.</param>
    /// <param name="last">Last octet there is; those of the tile behind it repeat it.</param>
    /// <param name="firstBlock">First block of 32 columns.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="tile">[blocks] of <see cref="BlockBytes"/>.</param>
    static abstract void Unpack<TBlock>(PackedMatrix weights, int octet, int last, int firstBlock, int blocks, byte* tile)
        where TBlock : struct, IWeightBlock;

    /// <summary>Adds the products of a tile's blocks.</summary>
    /// <param name="tile">As unpacked.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="inputs">Activations.</param>
    /// <param name="inputRow">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Of a row.</param>
    /// <param name="firstBlock">First block of columns.</param>
    /// <param name="sums">[rows][32].</param>
    static abstract void Multiply(byte* tile, int blocks, QuantizedRows inputs, int inputRow, int rows, int columns, int firstBlock, float* sums);
}
