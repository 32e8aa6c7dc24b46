using Microsoft.Data.Analysis;
using Microsoft.ML;

namespace AdaptiveKv.Data.Views;

/// <summary>Parquet files as data of ML.NET.</summary>
/// <example><code>
/// IDataView rows = new MLContext().Data.LoadFromParquet("tokens.parquet");
/// </code></example>
public static class ParquetCatalog
{
    /// <summary>
    /// A table as it is stored, read as often as a cursor asks for rows, and of it only the columns that are asked for. Numbers, truth values and texts are those of ML.NET, lists of
    /// single-precision numbers are vectors of any length; a missing number is NaN, a missing text empty.
    /// </summary>
    /// <param name="catalog">Of an <see cref="MLContext"/>.</param>
    /// <param name="paths">A file of any program, or the files of one table in the order of their rows.</param>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is no Parquet file, damaged, or another table than the first. A cursor throws it where an integer or a truth value is missing, for which ML.NET has no value.</exception>
    public static IDataView LoadFromParquet(this DataOperationsCatalog catalog, params IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ParquetDataView.Of(Examine(paths));
    }

    /// <summary>The same in memory as a DataFrame, all of its rows.</summary>
    /// <inheritdoc cref="LoadFromParquet"/>
    public static DataFrame LoadDataFrame(this DataOperationsCatalog catalog, params IReadOnlyList<string> paths) => catalog.LoadFromParquet(paths).ToDataFrame(maxRows: -1);

    /// <summary>
    /// A table of the stage dataset for trainers: <c>Item</c> (text), <c>Position</c> (Int32), <c>Split</c> (text), <c>Features</c> (vector of Single, slot names: the features; NaN is
    /// missing), <c>Label</c> (key, values: the tiers), <c>Losses</c> (vector of Single, slot names: the tiers).
    /// </summary>
    /// <inheritdoc cref="LoadFromParquet"/>
    public static IDataView LoadDataset(this DataOperationsCatalog catalog, params IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return DatasetView.Of(Examine(paths));
    }

    /// <summary>
    /// Writes the columns that are not hidden, which have to be numbers, truth values, texts, keys or vectors of Single. NaN, ML.NET's missing number, is a missing value of the file; a
    /// key is its index from 0.
    /// </summary>
    /// <param name="catalog">Of an <see cref="MLContext"/>.</param>
    /// <param name="data">Its rows are read once.</param>
    /// <param name="path">The file; it appears whole or not at all.</param>
    /// <exception cref="ArgumentException">A column is of another type, or two names differ only by case.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveAsParquet(this DataOperationsCatalog catalog, IDataView data, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ParquetSaver.Save(data, path);
    }

    private static TableMetadata Examine(IReadOnlyList<string> paths) => TableFiles.Examine(paths is [var single] ? single : $"{paths[0]} and {paths.Count - 1} more", paths);
}
