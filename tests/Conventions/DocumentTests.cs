using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Conventions;

/// <summary>Documents name only commands, options and files that exist.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Documents =
    [
        "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "artifacts/README.md", "benchmarks/README.md", "benchmarks/controller.md",
        .. Directory.GetFiles(Path.Combine(SharedFiles.Repository, "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}"),
    ];

    private static string CommandSource { get; } = string.Join('\n', SourceTree.ProductIn("src/Cli/").Concat(SourceTree.ProductIn("benchmarks/laboratory/")).SelectMany(file => file.Lines));

    // A stage program is a command too: its deps, outs and params are options.
    private static string[] StageSources { get; } =
        [.. SourceTree.Product.Select(file => string.Join('\n', file.Lines)).Where(source => source.Contains("StageKind Kind", StringComparison.Ordinal))];

    private static IEnumerable<string> ParamOptions { get; } = SourceTree.Product.SelectMany(file => ParamProperty().Matches(string.Join('\n', file.Lines)))
        .Select(match => $"--{JsonNamingPolicy.KebabCaseLower.ConvertName(match.Groups[1].Value)}");

    public static TheoryData<string> Existing => [.. Documents.Where(path => File.Exists(Path.Combine(SharedFiles.Repository, path)))];

    [Fact]
    public void TheReadmeShowsTheTwoCommands()
    {
        string readme = Read("README.md");

        Assert.Contains("./akv run", readme, StringComparison.Ordinal);
        Assert.Contains("./akv test", readme, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Existing))]
    public void CommandsExist(string document)
    {
        HashSet<string> known =
        [
            .. Command().Matches(CommandSource).Select(match => match.Groups[1].Value),
            .. StageSources.SelectMany(source => StageName().Matches(source)).Select(match => match.Groups[1].Value),
            "test",
        ];
        IEnumerable<string> named = Invocation().Matches(Read(document))
            .SelectMany(match => match.Groups["word"].Captures.Select(capture => capture.Value));

        Rule.Holds(named.Where(word => !known.Contains(word)).Distinct());
    }

    [Theory]
    [MemberData(nameof(Existing))]
    public void OptionsExist(string document)
    {
        HashSet<string> ofStages =
            [.. StageSources.SelectMany(source => StageFile().Matches(source)).Select(match => $"--{match.Groups[1].Value.Replace('_', '-')}"), .. ParamOptions];
        IEnumerable<string> named = Invocation().Matches(Read(document))
            .SelectMany(match => Option().Matches(match.Groups["rest"].Value))
            .Select(match => match.Value);

        Rule.Holds(named.Where(option => option != "--help" && !ofStages.Contains(option) && !CommandSource.Contains($"\"{option}\"", StringComparison.Ordinal)).Distinct());
    }

    [Theory]
    [MemberData(nameof(Existing))]
    public void LinkedFilesExist(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(SharedFiles.Repository, document))!;
        IEnumerable<string> links = Link().Matches(Read(document)).Select(match => match.Groups[1].Value);

        Rule.Holds(links.Where(link => !Path.Exists(Path.Combine(folder, link))));
    }

    [Theory]
    [MemberData(nameof(Existing))]
    public void NamedFilesExist(string document)
    {
        IEnumerable<string> paths = SourcePath().Matches(Read(document)).Select(match => match.Groups[1].Value);

        Rule.Holds(paths.Where(path => !Path.Exists(Path.Combine(SharedFiles.Repository, path))));
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(SharedFiles.Repository, document));

    [GeneratedRegex(@"(?:new(?: Command)?|Create)\(""([a-z]+)"", ")]
    private static partial Regex Command();

    [GeneratedRegex(@"Name = ""([a-z]+)"",")]
    private static partial Regex StageName();

    [GeneratedRegex(@"(?:StageInput|StageOutput|new)\(""(\w+)""")]
    private static partial Regex StageFile();

    [GeneratedRegex(@"\[Param\(.*\)\]\n\s*public [\w<>\[\] ]+ (\w+) \{")]
    private static partial Regex ParamProperty();

    [GeneratedRegex(@"(?:\./akv(?:\.ps1)?|`akv|--project benchmarks/laboratory --) (?<word>[a-z]+)(?: (?<word>[a-z]+)(?=[ `\r\n]))?(?<rest>[^`\r\n#]*)")]
    private static partial Regex Invocation();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex(@"`((?:src|tests|assets|pipelines|benchmarks)/[\w./-]*)`")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex Link();
}
