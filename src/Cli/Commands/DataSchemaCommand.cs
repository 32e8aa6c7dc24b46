using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data schema</c>: the columns of a table, what they mean, and where its rows come from.</summary>
internal static class DataSchemaCommand
{
    private static readonly ResultColumn[] Header = [.. new[] { "column", "type", "unit", "may be", "description" }.Select(name => new ResultColumn(name, ColumnType.String))];

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        Command command = new("schema", "Show the columns, their meaning, and the provenance of a table") { options.File, options.Json };
        command.SetAction(arguments =>
        {
            Table table = DataOptions.Open(arguments.GetRequiredValue(options.File));
            if (arguments.GetValue(options.Json))
            {
                terminal.Output.WriteLine(JsonSerializer.Serialize(table.Metadata, DataJson.Default.TableMetadata));
                return ExitCode.Done;
            }

            Print(table.Metadata, terminal);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TableMetadata metadata, Terminal terminal)
    {
        (string Name, string Value)[] facts =
        [
            (metadata.Files is [_] ? "file" : "files", $"{metadata.Path}, {(metadata.Files is [_] ? "" : $"{metadata.Files.Count} segments, ")}{Amount.Text(metadata.Bytes, Amount.Bytes)}"),
            ("rows", $"{metadata.Rows:N0} in {metadata.RowGroups} {(metadata.RowGroups == 1 ? "group" : "groups")}"),
            ("table", metadata.Schema is { } schema ? Kind(schema) : "of another program, without a schema"),
            ("written by", metadata.CreatedBy),
            .. metadata.Provenance.Select(fact => (fact.Key, fact.Value)),
        ];
        int width = facts.Max(fact => fact.Name.Length);
        foreach ((string name, string value) in facts)
        {
            terminal.Output.WriteLine($"{name.PadRight(width)}  {value}");
        }

        TableView.Write(Header, [.. metadata.Columns.Select(column => Row(column, metadata.Schema?.Columns.FirstOrDefault(other => other.Name == column.Name)))], terminal);
    }

    private static string Kind(TableSchema schema) =>
        $"{schema.Name}, version {schema.Version}{(schema.Key.Count > 0 ? $", key ({string.Join(", ", schema.Key)})" : "")}";

    private static object?[] Row(StoredColumn stored, TableColumn? declared)
    {
        string[] permissions = declared is null ? [] : [.. declared.Optional ? ["missing"] : Array.Empty<string>(), .. declared.AllowsNonFinite ? ["NaN"] : Array.Empty<string>()];
        return [stored.Name, declared?.Type.ToString() ?? stored.StoredType, declared?.Unit ?? "", string.Join(", ", permissions), declared?.Description ?? ""];
    }
}
