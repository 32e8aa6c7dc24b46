using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>A file holds one thing, is named after it, and can be read in one sitting.</summary>
public sealed partial class FileTests
{
    private const int LineCap = 300;
    private const int SmallFile = 25;

    [Fact]
    public void ThereIsSourceToRead() => Assert.True(SourceTree.Product.Count() > 20);

    [Fact]
    public void NoFileIsLongerThanTheCap() =>
        Rule.Holds(SourceTree.Product.Where(file => file.Lines.Length > LineCap).Select(file => $"{file.Path}: {file.Lines.Length} lines"));

    [Fact]
    public void AFileHasAtMostOnePublicType() =>
        Rule.Holds(SourceTree.Product.Where(file => Types(file).Count(type => type.Public) > 1).Select(file => file.Path));

    [Fact]
    public void ARecordThatOneFileUsesIsInThatFile()
    {
        (SourceFile File, HashSet<string> Words)[] all = [.. SourceTree.Product.Select(file => (file, Words(file)))];
        IEnumerable<string> alone =
            from file in all
            let record = SmallRecord().Match(string.Join('\n', file.File.Lines))
            where file.File.Lines.Length <= SmallFile && record.Success && Types(file.File).Count() == 1
            let users = all.Where(other => other.File != file.File && other.Words.Contains(record.Groups[1].Value)).Select(other => other.File.Path).ToArray()
            where users.Length == 1 && Path.GetDirectoryName(users[0]) == Path.GetDirectoryName(file.File.Path)
            select $"{file.File.Path}: only {users[0]} uses it";

        Rule.Holds(alone);
    }

    [Fact]
    public void AFileIsNamedAfterAType() =>
        Rule.Holds(SourceTree.Product
            .Where(file => Types(file).Any() && !Types(file).Any(type => type.Name == NameOf(file) || type.Name == "I" + NameOf(file)))
            .Select(file => file.Path));

    [Fact]
    public void TheNamespaceIsTheFolder()
    {
        IEnumerable<string> astray =
            from file in SourceTree.Product
            let declared = file.Lines.Select(line => Namespace().Match(line)).FirstOrDefault(match => match.Success)
            where declared is not null
            let folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/')
            let expected = "AdaptiveKv." + folder["src/".Length..].Replace('/', '.')
            where declared.Groups[1].Value != expected
            select $"{file.Path}: {declared.Groups[1].Value} instead of {expected}";

        Rule.Holds(astray);
    }

    private static string NameOf(SourceFile file) => Path.GetFileName(file.Path).Split('.')[0];

    private static HashSet<string> Words(SourceFile file) =>
        [.. file.Lines.Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)).SelectMany(line => Word().Matches(line)).Select(match => match.Value)];

    private static IEnumerable<(string Name, bool Public)> Types(SourceFile file) =>
        from line in file.Lines
        let match = TopLevelType().Match(line)
        where match.Success
        select (match.Groups["name"].Value, line.StartsWith("public", StringComparison.Ordinal));

    [GeneratedRegex(
        @"^(?:(?:public|internal|sealed|abstract|static|partial|readonly|unsafe|ref) )+(?:class|record struct|record|struct|interface|enum|delegate \S+) (?<name>\w+)")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^internal (?:sealed |readonly )*record (?:struct )?(\w+)", RegexOptions.Multiline)]
    private static partial Regex SmallRecord();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^namespace ([\w.]+)[;{ ]?")]
    private static partial Regex Namespace();
}
