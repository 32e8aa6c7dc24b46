using System.Text;
using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>
/// The chat template of a folder: the file chat_template.jinja, or else chat_template in tokenizer_config.json, a text or a list of named ones of which "default" counts.
/// </summary>
internal static class FolderChatTemplate
{
    private const int MostBytes = 1 << 20;

    /// <param name="folder">The model's folder.</param>
    /// <returns>The template; null where there is none.</returns>
    public static string? Read(string folder)
    {
        string own = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(own))
        {
            using ModelFile file = ModelFile.Open(own);
            return Encoding.UTF8.GetString(file.ReadAll(MostBytes));
        }

        string path = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(path))
        {
            return null;
        }

        using JsonDocument document = JsonFile.Read(path, FolderEnds.MostBytes);
        JsonFields config = new(path, document.RootElement);
        return config.Find("chat_template") is { ValueKind: JsonValueKind.Array }
            ? config.Objects("chat_template").FirstOrDefault(named => named.OptionalText("name") == "default")?.Text("template")
            : config.OptionalText("chat_template");
    }
}
