using System.Text;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A title, loud warnings, a table, and notes on it.</summary>
internal sealed record TitledTable(string Title, IEnumerable<string> Warnings, TextTable Table, IEnumerable<string> Notes)
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public string ToText()
    {
        var text = new StringBuilder($"{Title}\n\n");
        foreach (string warning in Warnings)
        {
            text.Append($"*** {warning} ***\n\n");
        }

        return text.Append(Table.ToText()).Append('\n').AppendJoin('\n', Notes).Append('\n').ToString();
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
