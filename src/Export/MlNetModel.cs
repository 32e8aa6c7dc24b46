using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace AdaptiveKv.Export;

/// <summary>A model.zip of ML.NET from a controller's ONNX: every program with Microsoft.ML.OnnxTransformer and Microsoft.ML.OnnxRuntime loads it by <c>context.Model.Load</c>.</summary>
internal static class MlNetModel
{
    // The times that ML.NET writes are those of the export; zip archives know none before this.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The same network gives the same bytes.</summary>
    /// <param name="network">An ONNX file as ControllerOnnx writes it.</param>
    /// <exception cref="OnnxRuntimeException">It is no such file.</exception>
    public static byte[] Of(byte[] network)
    {
        using InferenceSession session = new(network);
        string[] inputs = [.. session.InputMetadata.Keys], outputs = [.. session.OutputMetadata.Keys];
        MLContext context = new(seed: 0);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        (schema[0].ColumnName, schema[0].ColumnType) = (inputs.Single(), new VectorDataViewType(NumberDataViewType.Single, session.InputMetadata[inputs.Single()].Dimensions[^1]));
        IDataView none = context.Data.LoadFromEnumerable<Row>([], schema);
        ITransformer model = context.Transforms.ApplyOnnxModel(outputs, inputs, new MemoryStream(network)).Fit(none);
        using MemoryStream archive = new();
        context.Model.Save(model, none.Schema, archive);
        return WithoutTimes(archive);
    }

    private static byte[] WithoutTimes(MemoryStream archive)
    {
        using ZipArchive from = new(archive, ZipArchiveMode.Read);
        using MemoryStream made = new();
        using (ZipArchive to = new(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in from.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                ZipArchiveEntry copy = to.CreateEntry(entry.FullName, CompressionLevel.Optimal);
                copy.LastWriteTime = Epoch;
                using Stream content = entry.Open(), target = copy.Open();
                content.CopyTo(target);
            }
        }

        return made.ToArray();
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
