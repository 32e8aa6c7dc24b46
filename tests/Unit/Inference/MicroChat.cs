using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The micro model as a folder with a chat template of plain words.</summary>
internal sealed class MicroChat : IDisposable
{
    public const string Template = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

    private readonly TemporaryFolder folder = new();

    public MicroChat()
    {
        Path = Directory.CreateDirectory(folder["micro-chat"]).FullName;
        foreach (string file in Directory.GetFiles(System.IO.Path.Combine(SharedFiles.Micro, "hf")))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }

        File.WriteAllText(System.IO.Path.Combine(Path, "chat_template.jinja"), Template);
    }

    public string Path { get; }

    public string this[string name] => folder[name];

    public void Dispose() => folder.Dispose();
}
