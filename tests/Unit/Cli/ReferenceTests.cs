using System.Globalization;
using AdaptiveKv.Cli;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli;

/// <summary>The tables of docs/reference.md are what the program declares; <c>AKV_WRITE=1 ./akv test Unit -class '*ReferenceTests'</c> writes them anew.</summary>
public sealed class ReferenceTests
{
    private static readonly string Reference = Path.Combine(SharedFiles.Repository, "docs/reference.md");

    public static TheoryData<string> Parts => ["policies", "features", "stages", "tables"];

    [Theory]
    [MemberData(nameof(Parts))]
    public void TablesAreWhatTheProgramDeclares(string part)
    {
        string[] expected = [.. part switch { "policies" => Policies(), "features" => Features(), "stages" => AdaptiveKv.Cli.Stages.Catalog.Kinds.Values.SelectMany(Stage), _ => Tables().SelectMany(Table) }];
        string[] lines = File.ReadAllLines(Reference);
        int first = Array.IndexOf(lines, $"<!-- {part} -->") + 1;
        int end = Array.IndexOf(lines, $"<!-- /{part} -->");
        Assert.InRange(first, 1, end);
        if (Environment.GetEnvironmentVariable("AKV_WRITE") == "1")
        {
            File.WriteAllLines(Reference, [.. lines[..first], .. expected, .. lines[end..]]);
            return;
        }

        Assert.Equal(expected, lines[first..end]);
    }

    [Fact]
    public void ItsPipelineIsOne()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("example.yaml", File.ReadAllText(Reference).Split("```yaml\n")[1].Split("```")[0]);

        PipelineFile file = PipelineFile.Read(path, AdaptiveKv.Cli.Stages.Catalog, []);

        Assert.Equal(["calibrate", "collect", "dataset", "train@small", "train@wide"], file.Stages.Select(stage => stage.Name));
    }

    private static IEnumerable<string> Policies() =>
    [
        "| name | tier of a token | bits for each number |", "|---|---|---|",
        .. PolicyForm.All.Select(form => $"| {string.Join(", ", form.Name.Split(", ").Select(name => $"`{name}`"))} | {form.Tier} | {form.Cost} |"),
    ];

    private static IEnumerable<string> Features() =>
    [
        "| feature | unit | meaning |", "|---|---|---|",
        .. SaliencyFeatures.All.Select(TokenTable.Feature).Select(column => $"| `{column.Name}` | {column.Unit} | {Escaped(column.Description)} |"),
    ];

    private static IEnumerable<string> Stage(StageKind kind) =>
    [
        $"### {kind.Name}", "", $"{kind.Description}.", "", "| | name | what it is |", "|---|---|---|",
        .. kind.Deps.Select(dep => $"| reads | `{dep.Name}` | {Escaped(dep.Description)}{(dep.Optional ? "; optional" : "")} |"),
        .. kind.Outs.Select(output => $"| writes | `{output.Name}` | {Escaped(output.Description)}{(output.Optional ? "; where it is asked for" : "")} |"),
        "",
        .. kind.Params.Count == 0 ? [] : new[] { "| param | default | unit | limits | what it does |", "|---|---|---|---|---|" },
        .. kind.Params.Select(param => $"| `{param.Name}` | {Default(param)} | {param.Unit} | {Escaped(Limits(param))} | {Escaped(param.Description)} |"),
        .. kind.Params.Count == 0 ? Array.Empty<string>() : [""],
    ];

    private static IEnumerable<TableSchema> Tables() =>
        [TokenTable.Schema, ItemTable.Schema, TokenCostTable.For([TokenTable.Tiers[1], TokenTable.Tiers[^1]]), DatasetTable.For([SaliencyFeature.Entropy], [TokenTable.Tiers[1], TokenTable.Tiers[^1]]), ScoreTable.Schema];

    private static IEnumerable<string> Table(TableSchema schema) =>
    [
        $"### {schema.Name} (version {schema.Version})", "", $"A row per {string.Join(" and ", schema.Key)}.", "", "| column | type | unit | meaning |", "|---|---|---|---|",
        .. schema.Columns.Select(column => $"| `{column.Name}` | {column.Type}{(column.Optional ? "?" : "")} | {column.Unit} | {Escaped(column.Description)} |"),
        "",
    ];

    private static string Default(StageParam param) => param.Default is { } preset ? preset.GetRawText() is { Length: > 0 } text ? $"`{text}`" : "" : "must be given";

    private static string Limits(StageParam param) => string.Join("; ", new[]
    {
        string.Join(", ", param.Choices),
        double.IsFinite(param.Minimum) || double.IsFinite(param.Maximum) ? $"{Number(param.Minimum)} to {Number(param.Maximum)}" : "",
    }.Where(limit => limit.Length > 0));

    private static string Number(double limit) => double.IsFinite(limit) ? limit.ToString(CultureInfo.InvariantCulture) : "any";

    private static string Escaped(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);
}
