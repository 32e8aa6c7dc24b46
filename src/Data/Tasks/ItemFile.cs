using System.Globalization;

namespace AdaptiveKv.Data.Tasks;

/// <summary>Multiple-choice items read from a file whose format is recognized by its content.</summary>
public sealed class ItemFile
{
    private const string Formats =
        "expected JSON lines with item, context, endings, label; or HellaSwag's with ctx, endings, label; or ARC's with question, choices, answerKey; "
        + "or llama.cpp's text with 6 lines per item";

    private ItemFile(string path, ItemFormat format, string sha256, IReadOnlyList<MultipleChoiceItem> items)
    {
        Path = path;
        Format = format;
        Sha256 = sha256;
        Items = items;
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>What its content was recognized as.</summary>
    public ItemFormat Format { get; }

    /// <summary>SHA-256 of its bytes, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>All items in file order; at least one.</summary>
    public IReadOnlyList<MultipleChoiceItem> Items { get; }

    /// <summary>Reads and checks the whole file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The content is of no known format or an item is wrong; the message names file, line and field.</exception>
    public static ItemFile Read(string path)
    {
        DataFile file = DataFile.Read(path, Formats);
        List<TextLine> lines = TextLine.Split(file);
        if (lines.Count == 0)
        {
            throw new InvalidDataException($"{path}: the file is empty: {Formats}");
        }

        ItemFormat format = Recognize(lines);
        IReadOnlyList<MultipleChoiceItem> items = format == ItemFormat.HellaSwagText
            ? HellaSwag.FromText(lines)
            : [.. lines.Select((line, number) => Parse(JsonRow.Parse(line), format, number))];
        return new ItemFile(path, format, file.Sha256, items);
    }

    /// <summary>Whether a file looks like items and not like plain text; it may still be malformed.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no text at all.</exception>
    public static bool IsOne(string path)
    {
        List<TextLine> lines = TextLine.Split(DataFile.Read(path, $"expected plain text, or items: {Formats}"));
        return lines.Count > 0 && (lines[0].Text.TrimStart().StartsWith('{') || (lines.Count > 1 && HellaSwag.IsLabel(lines[1])));
    }

    private static ItemFormat Recognize(List<TextLine> lines)
    {
        TextLine first = lines[0];
        if (!first.Text.TrimStart().StartsWith('{'))
        {
            return lines.Count > 1 && HellaSwag.IsLabel(lines[1]) ? ItemFormat.HellaSwagText : throw first.Error($"unknown data format: {Formats}");
        }

        JsonRow row = JsonRow.Parse(first);
        return row switch
        {
            _ when row.Has("context") => ItemFormat.AkvJsonLines,
            _ when row.Has("ctx") || row.Has("ctx_a") => ItemFormat.HellaSwagJsonLines,
            _ when Arc.IsOne(row) => ItemFormat.ArcJsonLines,
            _ => throw first.Error($"unknown data format: {Formats}"),
        };
    }

    private static MultipleChoiceItem Parse(JsonRow row, ItemFormat format, int number)
    {
        MultipleChoiceItem item = format switch
        {
            ItemFormat.HellaSwagJsonLines => HellaSwag.FromJson(row, number),
            ItemFormat.ArcJsonLines => Arc.FromJson(row, number),
            _ => FromOwnJson(row, number),
        };
        return item.Endings.Length >= 2 ? item : throw row.Error(format == ItemFormat.ArcJsonLines ? "choices" : "endings", "one is no choice: expected 2 or more");
    }

    private static MultipleChoiceItem FromOwnJson(JsonRow row, int number)
    {
        string[] endings = row.Texts("endings");
        return new MultipleChoiceItem(
            row.NameOr("item", number.ToString(CultureInfo.InvariantCulture)),
            row.Text("context"),
            endings,
            row.Index("label", endings.Length));
    }
}
