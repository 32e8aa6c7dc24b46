using System.Text.RegularExpressions;
using AdaptiveKv.Data.Columns;
using Parquet;
using Parquet.Meta;

namespace AdaptiveKv.Data;

/// <summary>
/// A Parquet file, open for reading by row group and column. Whatever is wrong with its content, which Parquet.Net notices as exceptions of any type, is one
/// <see cref="InvalidDataException"/> that names the file.
/// </summary>
internal sealed partial class ParquetFile : IDisposable
{
    // E_NOTIMPL: what Parquet.Net throws where a part of the format is missing.
    private const int LacksCode = unchecked((int)0x80004001);

    private readonly FileStream content;
    private readonly ParquetReader reader;

    private ParquetFile(string path, FileStream content)
    {
        (Path, this.content) = (path, content);
        ThriftFrame.Require(ParquetFrame.Footer(content));
        reader = ParquetReader.CreateAsync(new SynchronousStream(content)).GetAwaiter().GetResult();
        FileMetaData metadata = reader.Metadata!;
        Columns = [.. reader.Schema.Fields.Select(ParquetColumn.Of)];
        Rows = metadata.NumRows;
        if (reader.RowGroups.Sum(group => group.RowCount) != Rows)
        {
            throw new InvalidDataException($"it claims {Rows} rows, and its groups have {reader.RowGroups.Sum(group => group.RowCount)}");
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (Columns.FirstOrDefault(column => !names.Add(column.Stored.Name)) is { } second)
        {
            throw new NotSupportedException($"two of its columns have one name, or names that differ only by case ('{second.Stored.Name}' is the second's): rename one of them");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>Its rows.</summary>
    public long Rows { get; }

    /// <summary>How many groups its rows are stored in.</summary>
    public int Groups => reader.RowGroupCount;

    /// <summary>The program that wrote it.</summary>
    public string CreatedBy => reader.Metadata!.CreatedBy ?? "an unnamed program";

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no Parquet file, damaged, or of a kind that is not supported.</exception>
    public static ParquetFile Open(string path)
    {
        ParquetFrame.Require(path);
        return Sound(path, () =>
        {
            FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                return new ParquetFile(path, content);
            }
            catch
            {
                content.Dispose();
                throw;
            }
        });
    }

    /// <summary>A value of its own metadata; null where it has none of this key.</summary>
    public string? Fact(string key) => reader.Metadata!.KeyValueMetadata?.Find(pair => pair.Key == key)?.Value;

    /// <summary>Rows of a group.</summary>
    public int RowsOf(int group) => checked((int)reader.RowGroups[group].RowCount);

    /// <summary>Reads columns of a group.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or coded in a way that is not supported.</exception>
    public ColumnData[] Read(int group, IReadOnlyList<ParquetColumn> columns) => Sound(Path, () => columns.Select(column => column.Read(reader.OpenRowGroupReader(group))).ToArray());

    public void Dispose() => content.Dispose();

    private static T Sound<T>(string path, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception exception) when (!IsOfTheSystem(exception))
        {
            string words = ControlCharacters().Replace(exception.Message, " ").TrimEnd('.', ' ');
            throw new InvalidDataException(exception switch
            {
                { HResult: LacksCode } => $"{path}: not supported: the way its pages are coded",
                NotSupportedException or ParquetException => $"{path}: not supported: {words}",
                OutOfMemoryException => $"{path}: reading it needs more memory than there is, or it is damaged",
                _ => $"{path}: damaged, or no Parquet file that can be read: {words}",
            }, exception);
        }
    }

    // Parquet.Net's own and the end of a file have no number of the system's.
    private static bool IsOfTheSystem(Exception exception) =>
        exception is OperationCanceledException or UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException
        || (exception is IOException and not EndOfStreamException && exception.HResult != new IOException().HResult);

    // Line ends, and bytes of a damaged file.
    [GeneratedRegex(@"\p{Cc}+")]
    private static partial Regex ControlCharacters();
}
