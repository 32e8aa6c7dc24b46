using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Makes a stage of paths and values that were given by name, as options of a command line give them.</summary>
/// <param name="kind">What it uses.</param>
/// <param name="given">Paths of deps and outs and the texts of params; lists are comma-separated.</param>
/// <param name="faults">Hears what is wrong.</param>
internal sealed class LoneStageReader(StageKind kind, IReadOnlyDictionary<string, string> given, FaultList faults)
{
    /// <summary>The stage; of no use if there are faults.</summary>
    public PipelineStage Read()
    {
        List<StageDep> deps = [];
        foreach (StageInput dep in kind.Deps)
        {
            if (FullPath(dep.Name, $"the path of {dep.Description}", dep.Optional) is { } path)
            {
                if (FileStatus.Passing(path) is { } noun)
                {
                    faults.Add(OptionName.Of(dep.Name), string.Empty, $"{given[dep.Name]} is {noun}: a stage reads its files more than once: save it to a file first");
                }

                deps.Add(new StageDep(dep.Name, given[dep.Name], path, Producer: null, OptionName.Of(dep.Name)));
            }
        }

        List<StageOut> outs = [];
        foreach (StageOutput made in kind.Outs)
        {
            if (FullPath(made.Name, $"a path for {made.Description}", made.Optional) is { } path)
            {
                // Through links: they stay, and what is published lies where they lead.
                StageOut read = new(made, given[made.Name], RealPath.Of(path), OptionName.Of(made.Name));
                if (Problem(read, deps, outs) is { } problem)
                {
                    faults.Add(read.Where, string.Empty, problem);
                }

                outs.Add(read);
            }
        }

        PipelineStage stage = new(kind.Name, kind, kind.Description, deps, outs, Params(), kind.Name);
        if (faults.Count == 0)
        {
            faults.Add(stage.Faults([], reads: false).Select(fault => fault with { Where = OptionName.Of(fault.Key.Split('.')[^1]), Key = string.Empty }));
        }

        return stage;
    }

    private string? FullPath(string name, string expected, bool optional)
    {
        if (given.TryGetValue(name, out string? path) && !string.IsNullOrWhiteSpace(path) && !path.Contains('\0', StringComparison.Ordinal))
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        }

        if (path is not null || !optional)
        {
            faults.Add(OptionName.Of(name), string.Empty, path is null ? $"is missing: expected {expected}" : $"is '{path}': expected {expected}");
        }

        return null;
    }

    private ParamValues Params()
    {
        Dictionary<string, JsonElement> values = [];
        foreach (StageParam param in kind.Params)
        {
            string where = OptionName.Of(param.Name);
            if (given.TryGetValue(param.Name, out string? text))
            {
                if (ParamReader.Read(param, Node(param, text, where), string.Empty, faults) is { } value)
                {
                    values.Add(param.Name, value);
                }
            }
            else if (param.Default is null)
            {
                faults.Add(where, string.Empty, $"is missing: expected {ParamReader.Expected(param)}: {param.Description}");
            }
        }

        return new ParamValues(kind, values);
    }

    // What a shell hands over has lost its quotes: a text is one, whatever it looks like.
    private static YamlNode Node(StageParam param, string text, string where)
    {
        YamlScalar Scalar(string element) => new(where, element, IsPlain: param.Type != ParamType.Text);
        return param.IsList ? new YamlList(where, [.. text.Length == 0 ? [] : text.Split(',').Select(Scalar)]) : Scalar(text);
    }

    // The folder of the outs is the user's: nothing in it may be mistaken for what a stage left there.
    private static string? Problem(StageOut made, List<StageDep> deps, List<StageOut> outs)
    {
        string path = made.FullPath;
        bool Meets(string other)
        {
            string real = RealPath.Of(other);
            return FileStatus.AreOne(other, path)
                || PathRule.IsWithin(path, real)
                || PathRule.IsWithin(real, path)
                || (Directory.Exists(real) && Directory.EnumerateFiles(real, "*", SearchOption.AllDirectories).Any(file => FileStatus.AreOne(file, path)));
        }

        StageOut? first = outs.Count > 0 ? outs[0] : null;
        if (Path.GetDirectoryName(path) is not { } folder)
        {
            return $"is the root folder: expected a {(made.Segmented ? "folder" : "file")} of its own";
        }

        return (made.FileName.StartsWith('.') || PathRule.Comparer.Equals(made.FileName, Manifest.FileName)
                ? $"'{made.FileName}' is a reserved name: names that start with '.' and {Manifest.FileName} are the pipeline's own" : null)
            ?? (first is not null && !PathRule.Comparer.Equals(folder, Path.GetDirectoryName(first.FullPath))
                ? $"{made.Path} is not in the folder of {first.Path}: expected all outs in one folder, whose manifest lists them" : null)
            ?? (outs.FirstOrDefault(other => Meets(other.FullPath)) is { } twin ? $"{made.Path} is the path of {twin.Where} too: expected another" : null)
            ?? (deps.FirstOrDefault(dep => Meets(dep.FullPath)) is { } read ? $"{made.Path} is, holds or lies in what {read.Where} reads: expected another path" : null)
            ?? PlaceProblem(made);
    }

    private static string? PlaceProblem(StageOut made)
    {
        if (FileStatus.Passing(made.FullPath) is { } noun)
        {
            return $"{made.Path} is {noun}: expected the path of a {(made.Segmented ? "folder" : "file")}, whose manifest lists it";
        }

        if (!made.Segmented)
        {
            return Directory.Exists(made.FullPath) ? $"{made.Path} is a folder: expected the path of a file" : null;
        }

        bool isForeign = Directory.Exists(made.FullPath) && !SegmentLog.IsOnlyOneIn(made.FullPath);
        return File.Exists(made.FullPath) ? $"{made.Path} is a file: expected a folder for segments"
            : isForeign ? $"{made.Path} holds other files: expected a new or empty folder, or one that a stage wrote its segments to"
            : null;
    }
}
