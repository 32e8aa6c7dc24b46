using System.Text.RegularExpressions;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data.Sql;

/// <summary>A figure of a group of rows: "count", "mean(loss)". All but the counts leave out NaN and infinities.</summary>
public sealed partial class Aggregate
{
    private static readonly Dictionary<string, string> Functions = new()
    {
        ["count"] = "count({0})",
        ["distinct"] = "count(DISTINCT {0})",
        ["sum"] = "sum({0})",
        ["mean"] = "avg({0})",
        ["std"] = "stddev_samp({0})",
        ["min"] = "min({0})",
        ["median"] = "median({0})",
        ["max"] = "max({0})",
    };

    private readonly string function;

    private Aggregate(string function, string? column) => (this.function, Column) = (function, column);

    /// <summary>The names of the functions, for help texts and errors.</summary>
    public static IReadOnlyCollection<string> Known => Functions.Keys;

    /// <summary>The column it is computed of; null for the count of all rows.</summary>
    public string? Column { get; }

    /// <summary>As the user writes it.</summary>
    public string Name => Column is null ? function : $"{function}({Column})";

    /// <summary>Reads a comma-separated list.</summary>
    /// <exception cref="FormatException">It is written in another way, or a function is unknown.</exception>
    public static IReadOnlyList<Aggregate> Parse(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return [.. Separator().Split(list).Select(text => ParseOne(text.Trim()))];
    }

    /// <summary>Several as the columns of a query.</summary>
    /// <exception cref="ArgumentException">One is of a column that holds no numbers.</exception>
    internal static string Sql(IReadOnlyList<Aggregate> aggregates, SqlSession session, CancellationToken cancellation)
    {
        StoredColumn[] columns = [.. session.Columns.Where(column => aggregates.Any(aggregate => aggregate.Column == column.Name))];
        IReadOnlyDictionary<string, string> scales = ColumnScales.Of(session, columns, cancellation);
        return string.Join(", ", aggregates.Select(aggregate =>
            aggregate.Sql(Array.Find(columns, column => column.Name == aggregate.Column), aggregate.Column is { } name ? scales.GetValueOrDefault(name) : null)));
    }

    private string Sql(StoredColumn? column, string? scale)
    {
        if (column is { IsNumber: false, Type: not ColumnType.Boolean } && function is "sum" or "mean" or "std" or "median")
        {
            throw new ArgumentException($"{Name}: column '{column!.Name}' holds {column.StoredType} and no numbers");
        }

        string name = column is null ? "*" : SqlText.Name(column.Name);
        string value = column?.Type == ColumnType.Boolean ? $"CAST({name} AS INTEGER)" : name;
        string finite = column?.Type is ColumnType.Float32 or ColumnType.Float64 && function is not ("count" or "distinct") ? $" FILTER (WHERE isfinite({name}))" : "";
        string unscaled = scale is not null && function is ("sum" or "mean" or "std") ? $" * {scale}" : "";
        return $"{string.Format(null, Functions[function], unscaled == "" ? value : $"{value} / {scale}")}{finite}{unscaled} AS {SqlText.Name(Name)}";
    }

    private static Aggregate ParseOne(string text)
    {
        Match match = Call().Match(text);
        string function = match.Groups["function"].Value;
        string? column = match.Groups["column"] is { Success: true } named ? named.Value.Trim() : null;
        return !match.Success || !Functions.ContainsKey(function)
                ? throw new FormatException($"aggregate '{text}': expected count, or one of {string.Join(", ", Functions.Keys)} of a column, such as mean(loss)")
            : column is null && function != "count" ? throw new FormatException($"aggregate '{text}': of which column? Write {function}(column)")
            : new Aggregate(function, column);
    }

    // A comma inside parentheses belongs to a column's name.
    [GeneratedRegex(@",(?![^(]*\))")]
    private static partial Regex Separator();

    [GeneratedRegex(@"^(?<function>[a-z]+)(?:\((?<column>.+)\))?$")]
    private static partial Regex Call();
}
