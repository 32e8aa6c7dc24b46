using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Training.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training;

/// <summary>Reads rows of ML.NET as a dataset to learn from.</summary>
internal static class DatasetRows
{
    // For errors.
    private const string Name = "the rows";

    /// <summary>The dataset, and a SHA-256 of what was read, lower-case hex.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">A split is empty or unknown, a feature has no value, a row has no label, or all labels are one.</exception>
    public static (TrainingSet Set, string Sha256) Read(IDataView view, PrecisionControllerOptions options)
    {
        DataViewSchema.Column features = view.Schema.Vector(options.FeatureColumnName), losses = view.Schema.Vector(options.LossColumnName);
        IReadOnlyList<SaliencyFeature> known = Parsed<IReadOnlyList<SaliencyFeature>>(features, names => [.. names.Select(SaliencyFeatures.Parse)]);
        IReadOnlyList<KvTier> tiers = Parsed(losses, TierList.Parse);
        DataViewSchema.Column label = view.Schema.Key(options.LabelColumnName, tiers.Count);
        DataViewSchema.Column side = view.Schema.Text(options.SplitColumnName ?? options.ItemColumnName);
        ItemSplit split = new((ulong)options.Seed, options.ValidationShare);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        DataViewSchema.Column[] item = view.Schema.GetColumnOrNull(options.ItemColumnName) is { Type: TextDataViewType } found ? [found] : [];
        using DataViewRowCursor cursor = view.GetRowCursor([features, losses, label, side, .. item]);
        TrainingSet set = TrainingSet.Of(known, tiers, Rows(), Name, $"expected {DatasetTable.Train} or {DatasetTable.Validation}, or no split column to part them by item");
        return (set, Convert.ToHexStringLower(hash.GetHashAndReset()));

        IEnumerable<LabelledRow> Rows()
        {
            ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(features), getLosses = cursor.GetGetter<VBuffer<float>>(losses);
            ValueGetter<uint> getLabel = cursor.GetGetter<uint>(label);
            ValueGetter<ReadOnlyMemory<char>> getSide = cursor.GetGetter<ReadOnlyMemory<char>>(side);
            ValueGetter<ReadOnlyMemory<char>>? getItem = item.Length > 0 ? cursor.GetGetter<ReadOnlyMemory<char>>(item[0]) : null;
            VBuffer<float> rowFeatures = default, rowLosses = default;
            uint key = 0;
            ReadOnlyMemory<char> text = default, of = default;
            while (cursor.MoveNext())
            {
                getFeatures(ref rowFeatures);
                getLosses(ref rowLosses);
                getLabel(ref key);
                getSide(ref text);
                getItem?.Invoke(ref of);
                float[] numbers = [.. rowFeatures.DenseValues(), .. rowLosses.DenseValues()];
                string name = options.SplitColumnName is null ? split.Of(text.ToString()) : text.ToString();
                hash.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
                hash.AppendData([(byte)key, name == DatasetTable.Train ? (byte)1 : (byte)0]);
                yield return new LabelledRow(numbers, name, (int)key - 1, getItem is null ? null : of.ToString());
            }
        }
    }

    private static T Parsed<T>(DataViewSchema.Column column, Func<string[], T> parse)
    {
        try
        {
            return parse(column.SlotNames() ?? throw new FormatException("has no slot names: LoadDataset gives them"));
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"column '{column.Name}': {exception.Message}", exception);
        }
    }
}
