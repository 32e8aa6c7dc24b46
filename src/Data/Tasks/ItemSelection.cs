namespace AdaptiveKv.Data.Tasks;

/// <summary>A list of items to evaluate, by their names in the data file: one a line, or JSON lines with <c>item</c>, such as a file of scores.</summary>
/// <param name="Path">The file.</param>
/// <param name="Names">In file order, each once.</param>
public sealed record ItemSelection(string Path, IReadOnlyList<string> Names)
{
    /// <summary>Reads the names.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty or a line is wrong.</exception>
    public static ItemSelection Read(string path)
    {
        DataFile file = DataFile.Read(path, "expected the name of an item per line, or JSON lines with 'item'");
        string[] names = [.. TextLine.Split(file).Select(NameOf).Distinct()];
        return names.Length > 0 ? new ItemSelection(path, names) : throw new InvalidDataException($"{path}: the file is empty: expected the name of an item per line");
    }

    /// <summary>The items of these names, in the order of the data file.</summary>
    /// <exception cref="InvalidDataException">The data file has no item of a name.</exception>
    public IReadOnlyList<MultipleChoiceItem> Of(ItemFile data)
    {
        HashSet<string> wanted = [.. Names];
        MultipleChoiceItem[] found = [.. data.Items.Where(item => wanted.Contains(item.Id))];
        wanted.ExceptWith(found.Select(item => item.Id));
        return wanted.Count == 0
            ? found
            : throw new InvalidDataException($"{Path}: {data.Path} has no item '{Names.First(wanted.Contains)}' ({wanted.Count} of {Names.Count} names are unknown): take the names from that file");
    }

    private static string NameOf(TextLine line)
    {
        string text = line.Text.Trim();
        if (!text.StartsWith('{'))
        {
            return text;
        }

        JsonRow row = JsonRow.Parse(line);
        return row.NameOr("item", "") is { Length: > 0 } name ? name : throw row.Error("item", "missing: expected the name of an item");
    }
}
