using System.Globalization;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Safetensors;

namespace AdaptiveKv.Inference.Calibration;

/// <summary>
/// A calibrated transform on disk: safetensors with the matrices mean, balance and value_balance of [layers * KV heads][head dimension], those
/// that it has, and its provenance as metadata.
/// </summary>
/// <param name="Transform">The transform.</param>
/// <param name="Record">What it was made of.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
public sealed record TransformFile(KvTransform Transform, CalibrationRecord Record, string Sha256)
{
    private const string Format = "akv-kv-transform";
    private const int Version = 2; // 1 had means after rotary embedding.

    private const string Mean = "mean";
    private const string Balance = "balance";
    private const string ValueBalance = "value_balance";

    /// <summary>Writes the file whole or not at all; the same transform gives the same bytes.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, KvTransform transform, CacheShape shape, CalibrationRecord record)
    {
        (string Name, float[] Values)[] parts = [(Mean, [.. transform.Mean]), (Balance, [.. transform.Balance]), (ValueBalance, [.. transform.ValueBalance])];
        using PublishedFile file = new(path);
        SafetensorsWriter.Write(
            file.Content,
            Metadata(record),
            [.. parts.Where(part => part.Values.Length > 0).Select(part => new SafetensorsTensor(part.Name, [shape.Lanes, shape.HeadDim], part.Values))]);
        file.Publish();
    }

    /// <summary>Reads the transform of a model.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, from a newer version, or was made for another model.</exception>
    public static TransformFile Read(string path, LlamaModel model) => Read(path, model.CacheShape, model.Sha256, TransformFit.TurnsOf(model.Shape));

    /// <summary>Says that a file is missing before a model is loaded for it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static void Require(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such transform file; 'akv calibrate' makes one", path);
        }
    }

    internal static TransformFile Read(string path, CacheShape shape, string modelSha256, MeanTurns? turns = null)
    {
        Require(path);
        using ModelFile file = ModelFile.Open(path);
        SafetensorsHeader header = SafetensorsReader.Read(file);
        TransformMetadata metadata = new(path, header.Metadata);
        CheckFormat(metadata);
        CalibrationRecord record = RecordOf(metadata);
        if (record.ModelSha256 != modelSha256)
        {
            throw metadata.Error("model_sha256", $"the transform was made for model {record.ModelSha256}, this model is {modelSha256}: make one for it with 'akv calibrate'");
        }

        TransformOptions options = record.Options;
        Dictionary<string, SafetensorsEntry> entries = header.Entries.ToDictionary(entry => entry.Name);
        float[]? mean = Part(Mean, options.Center, positive: false);
        float[]? balance = Part(Balance, options.Balance, positive: true);
        float[]? values = Part(ValueBalance, options.BalanceValues, positive: true);
        return entries.Count == 0
            ? new TransformFile(new KvTransform(shape, options.Rotate, mean, balance, values, turns), record, WeightsHash.Of([file]))
            : throw new ModelFormatException(path, entries.Keys.First(), -1, "a transform has no such tensor");

        float[]? Part(string name, bool wanted, bool positive)
        {
            bool found = entries.Remove(name, out SafetensorsEntry? entry);
            return found == wanted
                ? found ? Numbers(file, header, entry!, shape, positive) : null
                : throw new ModelFormatException(path, name, -1, found ? "the metadata say that the transform has no such part" : "the tensor is missing");
        }
    }

    private static IEnumerable<(string Name, string Value)> Metadata(CalibrationRecord record) =>
    [
        ("format", Format),
        ("version", Text(Version)),
        ("akv", typeof(TransformFile).Assembly.GetName().Version!.ToString(3)),
        ("model_sha256", record.ModelSha256),
        ("data_sha256", record.DataSha256),
        ("tokens", Text(record.Tokens)),
        ("window", Text(record.Window)),
        ("seed", record.Seed.ToString(CultureInfo.InvariantCulture)),
        ("center", Text(record.Options.Center)),
        ("balance", Text(record.Options.Balance)),
        ("rotate", Text(record.Options.Rotate)),
        ("balance_values", Text(record.Options.BalanceValues)),
    ];

    private static CalibrationRecord RecordOf(TransformMetadata metadata) => new(
        metadata.Hash("model_sha256"),
        metadata.Hash("data_sha256"),
        metadata.Integer("tokens"),
        (int)Math.Min(metadata.Integer("window"), int.MaxValue),
        metadata.Integer("seed", ulong.MaxValue),
        new TransformOptions(metadata.Flag("center"), metadata.Flag("balance"), metadata.Flag("rotate"), metadata.Flag("balance_values")));

    private static void CheckFormat(TransformMetadata metadata)
    {
        string format = metadata.Find("format") ?? "";
        if (format != Format)
        {
            throw metadata.Error("format", $"is '{format}'; this is no transform of 'akv calibrate', which has '{Format}'");
        }

        if (metadata.Integer("version") is long version and not Version)
        {
            throw metadata.Error("version", $"is {version}; this akv reads version {Version}: {(version > Version ? "use a newer akv" : "calibrate again")}");
        }
    }

    private static float[] Numbers(ModelFile file, SafetensorsHeader header, SafetensorsEntry entry, CacheShape shape, bool positive)
    {
        float[] values = SafetensorsReader.Floats(file, header, entry, [shape.Lanes, shape.HeadDim], "this model's");
        int wrong = positive ? Array.FindIndex(values, value => value <= 0f) : -1;
        return wrong < 0
            ? values
            : throw new ModelFormatException(
                file.Path,
                entry.Name,
                header.DataStart + entry.Begin + (wrong * sizeof(float)),
                $"is {values[wrong]} in row {wrong / shape.HeadDim}; expected positive finite numbers");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";
}
