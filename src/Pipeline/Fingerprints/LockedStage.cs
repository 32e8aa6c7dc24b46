using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>What a stage's outs were made of and what they were.</summary>
/// <param name="Uses">The program.</param>
/// <param name="Code">Its version.</param>
/// <param name="Deps">By name.</param>
/// <param name="Params">By name.</param>
/// <param name="Outs">By name.</param>
public sealed record LockedStage(
    string Uses,
    int Code,
    SortedDictionary<string, LockedFile> Deps,
    SortedDictionary<string, JsonElement> Params,
    SortedDictionary<string, LockedFile> Outs)
{
    /// <summary>The path of the engine's kernels; null of a program without, and of one that ran before paths were recorded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kernels { get; init; }

    /// <summary>The hash of everything but the outs and the paths: equal inputs give equal outs.</summary>
    [JsonIgnore]
    public string Inputs
    {
        get
        {
            using MemoryStream text = new();
            using (Utf8JsonWriter writer = new(text))
            {
                writer.WriteStartArray();
                writer.WriteStringValue(Uses);
                writer.WriteNumberValue(Code);
                foreach ((string name, LockedFile dep) in Deps)
                {
                    writer.WriteStringValue(name);
                    writer.WriteStringValue(dep.Sha256);
                }

                foreach ((string name, JsonElement value) in Params)
                {
                    writer.WriteStringValue(name);
                    value.WriteTo(writer);
                }

                if (Kernels is not null)
                {
                    writer.WriteStringValue(Kernels);
                }

                writer.WriteEndArray();
            }

            return FileHash.OfText(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        }
    }

    /// <summary>The same on this and every other path of kernels, and as it was recorded before there were paths.</summary>
    public IEnumerable<LockedStage> OnAnyPath() =>
        Kernels is null ? [this] : [this, .. KernelPath.Others.Select(other => this with { Kernels = other }), this with { Kernels = null }];
}
