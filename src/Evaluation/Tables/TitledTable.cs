using System.Text;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A title, loud warnings, a table, and notes on it.</summary>
internal sealed record TitledTable(string Title, IEnumerable<string> Warnings, TextTable Table, IEnumerable<string> Notes)
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    /// <param name="width">Of the screen, for the table; null for no limit.</param>
    public string ToText(int? width = null)
    {
        var text = new StringBuilder($"{Title}\n\n");
        foreach (string warning in Warnings)
        {
            text.Append($"*** {warning} ***\n\n");
        }

        return text.Append(Table.ToText(width)).Append('\n').AppendJoin('\n', Notes).Append('\n').ToString();
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder($"**{Title}**\n\n");
        foreach (string warning in Warnings)
        {
            text.Append($"> **{warning}**\n\n");
        }

        return text.Append(Table.ToMarkdown()).Append("\n- ").AppendJoin("\n- ", Notes).Append('\n').ToString();
    }
}
