using System.Text;
using AdaptiveKv.Data;

namespace AdaptiveKv.Unit.Data;

/// <summary>A folder for one test's tables.</summary>
internal sealed class TableFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("akv-tables-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes rows of <see cref="TokenTable"/>.</summary>
    public string WriteTokens(string name, int rows, int first = 0)
    {
        using TableWriter writer = new(this[name], TokenTable.Schema, TokenTable.Provenance);
        TokenTable.Add(writer, rows, first);
        writer.Complete();
        return this[name];
    }

    /// <summary>Replaces a text of the file's metadata by one of the same length.</summary>
    public string Patch(string name, string text, string replacement)
    {
        byte[] content = File.ReadAllBytes(this[name]);
        int found = 0;
        byte[] pattern = Encoding.UTF8.GetBytes(text);
        for (int start; (start = content.AsSpan(found).IndexOf(pattern)) >= 0; found += start + pattern.Length)
        {
            Encoding.UTF8.GetBytes(replacement).CopyTo(content, found + start);
        }

        Assert.True(found > 0 && replacement.Length == text.Length, $"{text} is not in {name}, or {replacement} has another length");
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
