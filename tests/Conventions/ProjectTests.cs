using System.Text.RegularExpressions;
using System.Xml.Linq;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Conventions;

/// <summary>The arrows between the projects are those of ARCHITECTURE.md, and project files stay small.</summary>
public sealed partial class ProjectTests
{
    private const int LineCap = 25;

    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["KvCache"] = [],
        ["Files"] = [],
        ["Inference"] = ["Files", "KvCache", "Policies"],
        ["Policies"] = ["Files", "KvCache"],
        ["Evaluation"] = ["Data", "Inference", "Pipeline"],
        ["Pipeline"] = ["Files"],
        ["Data"] = ["Files", "Policies"],
        ["Torch"] = ["Files"],
        ["Training"] = ["Data", "Pipeline", "Policies", "Torch"],
        ["Collection"] = ["Data", "Inference", "Pipeline", "Torch"],
        ["Server"] = ["Inference"],
        ["Export"] = [],
        ["Extensions"] = ["Inference"],
        ["Cli"] = ["Collection", "Data", "Evaluation", "Pipeline", "Server", "Training"],
    };

    private static IEnumerable<SourceFile> Projects => SourceTree.Texts.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void ReferencesAreAsDesigned()
    {
        Dictionary<string, string[]> actual = Projects
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .ToDictionary(
                file => Path.GetFileNameWithoutExtension(file.Path),
                file => Included(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!).Order().ToArray());

        Assert.Equal(Arrows.Keys.Order(), actual.Keys.Order());
        Assert.All(Arrows, arrow => Assert.Equal(arrow.Value, actual[arrow.Key]));
    }

    [Fact]
    public void OnlyTheCommandLineKnowsItsLibraries()
    {
        string[] libraries = ["Spectre.Console", "System.CommandLine"];

        Assert.Equal(
            ["src/Cli/Cli.csproj"],
            Projects.Where(file => Included(file, "PackageReference").Intersect(libraries).Any()).Select(file => file.Path));
    }

    [Fact]
    public void OnlyTrainingAndTheTeacherKnowTorch()
    {
        string[] knowing = ["src/Torch/", "src/Training/", "src/Collection/Teacher/"];
        Assert.Equal(
            ["eng/packages/AdaptiveKv.ML/AdaptiveKv.ML.csproj", "src/Torch/Torch.csproj"],
            Projects.Where(file => Included(file, "PackageReference").Any(package => package.StartsWith("TorchSharp", StringComparison.Ordinal))).Select(file => file.Path));
        Rule.Holds(SourceTree.Product
            .Where(file => !Array.Exists(knowing, folder => file.Path.StartsWith(folder, StringComparison.Ordinal)) && file.Lines.Any(line => line.Contains("using TorchSharp", StringComparison.Ordinal)))
            .Select(file => file.Path));
    }

    [Fact]
    public void OnlyAProgramOfItsOwnKnowsOnnxRuntime() => Assert.Equal(
        ["src/Export/Export.csproj", "tests/Hosts/Stranger/Stranger.csproj"],
        Projects.Where(file => Included(file, "PackageReference").Any(package => package.Contains("Onnx", StringComparison.Ordinal))).Select(file => file.Path));

    [Fact]
    public void ProjectFilesAreShort() => Rule.Holds(Projects.Where(file => file.Lines.Length > LineCap).Select(file => file.Path));

    [Fact]
    public void VersionsAreCentral() => Rule.Holds(Projects.Find(Version()));

    [Fact]
    public void EveryProjectLocksItsPackages() => Rule.Holds(Projects
        .Select(file => Path.Combine(Path.GetDirectoryName(file.Path)!, "packages.lock.json"))
        .Where(path => !File.Exists(Path.Combine(SharedFiles.Repository, path))));

    [Fact]
    public void TheSolutionListsEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(SharedFiles.Repository, "MlPipeline.sln")).Replace('\\', '/');

        Rule.Holds(Projects.Select(file => file.Path).Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Included(SourceFile file, string element) =>
        XDocument.Parse(string.Join('\n', file.Lines)).Descendants(element).Select(reference => reference.Attribute("Include")!.Value);

    [GeneratedRegex("<PackageReference .*Version=")]
    private static partial Regex Version();
}
