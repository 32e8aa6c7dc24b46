using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>A tensor that lies in one contiguous span of a file, row after row.</summary>
/// <param name="file">The file it is in.</param>
/// <param name="name">Canonical name.</param>
/// <param name="type">Storage type.</param>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns, a multiple of the type's block.</param>
/// <param name="offset">Byte offset of the first row in the file.</param>
internal sealed class StoredTensor(ModelFile file, string name, TensorType type, int rows, int columns, long offset) : ModelTensor
{
    public override string Name => name;

    public override TensorType Type => type;

    public override int Rows => rows;

    public override int Columns => columns;

    public override int RowBytes { get; } = WeightFormats.RowBytes(type, columns);

    public override void ReadRows(int firstRow, int count, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > rows - firstRow)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"{name} has {rows} rows; {count} from row {firstRow} on are asked for");
        }

        if (destination.Length != (long)count * RowBytes)
        {
            throw new ArgumentException(
                $"{count} rows of {name} are {(long)count * RowBytes} bytes; room is for {destination.Length}", nameof(destination));
        }

        file.Read(name, offset + ((long)firstRow * RowBytes), destination);
    }
}
