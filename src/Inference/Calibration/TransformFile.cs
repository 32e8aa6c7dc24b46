using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Calibration;

/// <summary>
/// A calibrated transform on disk: safetensors with the matrices mean, balance and value_balance of [layers * KV heads][head dimension], those
/// that it has, its provenance as metadata, and where tiers differ between lanes (layer, KV head) for each of them "tier.NAME" of [lanes][bits of keys, bits of values].
/// </summary>
/// <param name="Transform">The transform.</param>
/// <param name="Profile">Bits of the tiers by lane.</param>
/// <param name="Record">What it was made of.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
public sealed record TransformFile(KvTransform Transform, PrecisionProfile Profile, CalibrationRecord Record, string Sha256)
{
    private const string Format = "akv-kv-transform";
    private const int Version = 2; // 1 had means after rotary embedding.
    private const int LayersVersion = 3; // The same with bits by layer: those of all its heads.
    private const int LanesVersion = 4; // With bits by lane.

    private const string Mean = "mean";
    private const string Balance = "balance";
    private const string ValueBalance = "value_balance";
    private const string TierPrefix = "tier.";

    /// <summary>Writes the file whole or not at all; the same transform gives the same bytes.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, KvTransform transform, PrecisionProfile profile, CacheShape shape, CalibrationRecord record)
    {
        (string Name, float[] Values)[] parts = [(Mean, [.. transform.Mean]), (Balance, [.. transform.Balance]), (ValueBalance, [.. transform.ValueBalance])];
        OutputFile.Write(path, stream => SafetensorsWriter.Write(
            stream,
            Metadata(record),
            [
                .. parts.Where(part => part.Values.Length > 0).Select(part => new SafetensorsTensor(part.Name, [shape.Lanes, shape.HeadDim], part.Values)),
                .. profile.Tiers.Select(tier => new SafetensorsTensor($"{TierPrefix}{tier.Key}", [shape.Lanes, 2], [.. tier.Value.SelectMany(own => new float[] { (int)own.Keys, (int)own.Values })])),
            ]));
    }

    /// <summary>Reads the transform of a model.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, from a newer version, was made for another model, or its numbers take keys or values out of range.</exception>
    public static TransformFile Read(string path, LlamaModel model)
    {
        TransformFile file = Read(path, model.CacheShape, model.Sha256, TransformFit.TurnsOf(model.Shape));
        return model.Reach.Fault(file.Transform) is (string part, string problem) ? throw new ModelFormatException(path, part, -1, problem) : file;
    }

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
        PrecisionProfile profile = new([.. entries.Keys.Where(name => name.StartsWith(TierPrefix, StringComparison.Ordinal)).ToArray().Select(Lanes)]);
        return entries.Count == 0
            ? new TransformFile(new KvTransform(shape, options.Rotate, mean, balance, values, turns), profile, record, WeightsHash.Of([file]))
            : throw new ModelFormatException(path, entries.Keys.First(), -1, "a transform has no such tensor");

        KeyValuePair<KvTier, KvTier[]> Lanes(string name)
        {
            entries.Remove(name, out SafetensorsEntry? entry);
            return LanesOf(file, header, entry!, shape, metadata.Integer("version") == LayersVersion ? shape.KvHeads : 1);
        }

        float[]? Part(string name, bool wanted, bool positive)
        {
            bool found = entries.Remove(name, out SafetensorsEntry? entry);
            return found == wanted
                ? found ? SafetensorsReader.Floats(file, header, entry!, [shape.Lanes, shape.HeadDim], "this model's", positive) : null
                : throw new ModelFormatException(path, name, -1, found ? "the metadata say that the transform has no such part" : "the tensor is missing");
        }
    }

    private static IEnumerable<(string Name, string Value)> Metadata(CalibrationRecord record) =>
    [
        ("format", Format),
        ("version", Text(record.Allocation is null ? Version : LanesVersion)),
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
        .. record.Allocation is { } allocation
            ? new[]
            {
                ("layers_data_sha256", allocation.DataSha256),
                ("layers_tokens", Text(allocation.Tokens)),
                ("layers_window", Text(allocation.Window)),
                ("layers_seed", allocation.Seed.ToString(CultureInfo.InvariantCulture)),
            }
            : [],
    ];

    private static CalibrationRecord RecordOf(TransformMetadata metadata) => new(
        metadata.Hash("model_sha256"),
        metadata.Hash("data_sha256"),
        metadata.Integer("tokens"),
        (int)Math.Min(metadata.Integer("window"), int.MaxValue),
        metadata.Integer("seed", ulong.MaxValue),
        new TransformOptions(metadata.Flag("center"), metadata.Flag("balance"), metadata.Flag("rotate"), metadata.Flag("balance_values")))
    {
        Allocation = metadata.Integer("version") > Version ? AllocationOf(metadata) : null,
    };

    private static AllocationRecord AllocationOf(TransformMetadata metadata) => new(
        metadata.Hash("layers_data_sha256"),
        metadata.Integer("layers_tokens"),
        (int)Math.Min(metadata.Integer("layers_window"), int.MaxValue),
        metadata.Integer("layers_seed", ulong.MaxValue));

    private static void CheckFormat(TransformMetadata metadata)
    {
        string format = metadata.Find("format") ?? "";
        if (format != Format)
        {
            throw metadata.Error("format", $"is '{format}'; this is no transform of 'akv calibrate', which has '{Format}'");
        }

        if (metadata.Integer("version") is long version and (< Version or > LanesVersion))
        {
            throw metadata.Error("version", $"is {version}; this akv reads versions {Version} to {LanesVersion}: {(version > LanesVersion ? "use a newer akv" : "calibrate again")}");
        }
    }

    // On the whole a tier has the bits that its name says: what it costs is counted by the name.
    private static KeyValuePair<KvTier, KvTier[]> LanesOf(ModelFile file, SafetensorsHeader header, SafetensorsEntry entry, CacheShape shape, int lanesPerRow)
    {
        float[] bits = SafetensorsReader.Floats(file, header, entry, [shape.Lanes / lanesPerRow, 2], "this model's");
        int wrong = Array.FindIndex(bits, value => value is not (2 or 3 or 4 or 8));
        string? problem = !KvTier.TryParse(entry.Name[TierPrefix.Length..], out KvTier tier) ? "is no tier"
            : wrong >= 0 ? $"has {bits[wrong]} bits in {(lanesPerRow > 1 ? "layer" : "lane")} {wrong / 2}; expected 2, 3, 4 or 8"
            : bits.Average() != tier.NominalBits ? $"has {bits.Average():0.###} bits in the mean of its {(lanesPerRow > 1 ? "layers" : "lanes")}; expected {tier.NominalBits:0.###}"
            : null;
        return problem is null
            ? new(tier, [.. bits.Chunk(2).SelectMany(own => Enumerable.Repeat(new KvTier((BitWidth)own[0], (BitWidth)own[1]), lanesPerRow))])
            : throw new ModelFormatException(file.Path, entry.Name, header.DataStart + entry.Begin, problem);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";
}
