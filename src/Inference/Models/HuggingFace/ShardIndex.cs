using System.Text.Json;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Which files of a folder hold its weights.</summary>
internal static class ShardIndex
{
    public const string FileName = "model.safetensors.index.json";
    public const string SingleFileName = "model.safetensors";

    private const int MostBytes = 16 << 20;

    /// <summary>Paths of the weights files: the shards the index names, in the order of their names, or the one file.</summary>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    public static IReadOnlyList<string> Files(string folder)
    {
        string index = Path.Combine(folder, FileName);
        string single = Path.Combine(folder, SingleFileName);
        if (File.Exists(single))
        {
            return [single];
        }

        if (!File.Exists(index))
        {
            throw new FileNotFoundException($"{folder}: neither {SingleFileName} nor {FileName} is there{Instead(folder)}", single);
        }

        return [.. Names(index).Select(name => Path.Combine(folder, name))];
    }

    /// <summary>File names in an index, each once, in ordinal order.</summary>
    public static IReadOnlyList<string> Names(string index)
    {
        using JsonDocument document = JsonFile.Read(index, MostBytes);
        JsonFields map = new JsonFields(index, document.RootElement).Object("weight_map");
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty member in map.Members())
        {
            string name = map.Text(member.Name);

            // An index may come from a stranger: it names files of its own folder and nothing else.
            if (name.Length == 0
                || name != Path.GetFileName(name)
                || name.Contains('\\', StringComparison.Ordinal)
                || !name.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw map.Error(member.Name, $"is in \"{name}\"; a shard is a .safetensors file in the folder of its index");
            }

            names.Add(name);
        }

        return names.Count > 0 ? [.. names] : throw map.Error("", "names no shard");
    }

    private static string Instead(string folder) =>
        File.Exists(Path.Combine(folder, "pytorch_model.bin"))
            ? "; pytorch_model.bin is a Python pickle, which can run code and is never loaded: convert it to safetensors"
            : string.Empty;
}
