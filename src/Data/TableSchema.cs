using System.Text.RegularExpressions;

namespace AdaptiveKv.Data;

/// <summary>The columns of a kind of table. Its version grows when a column changes its meaning or goes; it is stored in every file.</summary>
public sealed partial class TableSchema
{
    /// <summary>Declares a kind of table.</summary>
    /// <param name="name">Kind of table: "tokens".</param>
    /// <param name="version">From 1.</param>
    /// <param name="columns">In the order rows are written in.</param>
    /// <exception cref="ArgumentException">No columns, a name that is empty, repeated or holds control characters, or a key that is no column.</exception>
    public TableSchema(string name, int version, IReadOnlyList<TableColumn> columns)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0)
        {
            throw new ArgumentException($"table '{name}' has no columns");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (TableColumn column in columns)
        {
            if (column.Name.Length == 0 || ControlCharacter().IsMatch(column.Name) || !seen.Add(column.Name))
            {
                throw new ArgumentException($"table '{name}', column '{column.Name}': a name must not be empty, hold control characters, or differ from another only by case");
            }
        }

        (Name, Version, Columns) = (name, version, columns);
    }

    /// <summary>Kind of table.</summary>
    public string Name { get; }

    /// <summary>From 1; a file of a newer version is refused.</summary>
    public int Version { get; }

    /// <summary>In the order rows are written in.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The columns whose values together name a row; empty where rows have no name.</summary>
    /// <exception cref="ArgumentException">A name is no column.</exception>
    public IReadOnlyList<string> Key
    {
        get;
        init => field = value.All(name => IndexOf(name) >= 0) ? value : throw new ArgumentException($"table '{Name}': the key {string.Join(", ", value)} is not among its columns");
    } = [];

    /// <summary>Place of a column; -1 where there is none of this name.</summary>
    public int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == column)
            {
                return i;
            }
        }

        return -1;
    }

    [GeneratedRegex(@"\p{Cc}")]
    private static partial Regex ControlCharacter();
}
