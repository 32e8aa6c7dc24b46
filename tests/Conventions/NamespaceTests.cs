namespace AdaptiveKv.Conventions;

/// <summary>Inside a project, too, arrows point one way: namespaces that use each other are one namespace, and should be one folder.</summary>
public sealed class NamespaceTests
{
    // BIN/Conventions/release is this test's folder; BIN/Cli/release has every project but Export, which is one namespace.
    private static readonly DirectoryInfo Own = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
    private static readonly string Built = Path.Combine(Own.Parent!.Parent!.FullName, "Cli", Own.Name);

    public static TheoryData<string> Assemblies => [.. Directory.GetFiles(Built, "AdaptiveKv.*.dll").Append(Path.Combine(Built, "akv.dll")).Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void NoNamespacesUseEachOther(string assembly)
    {
        IReadOnlyList<NamespaceUse> uses = NamespaceUse.Of(Path.Combine(Built, assembly));

        Rule.Holds(uses.Where(use => Reaches(uses, use.To, use.From)).OrderBy(use => use.From, StringComparer.Ordinal).Select(use => $"{use.From} uses {use.To} ({use.Example}), which leads back"));
    }

    private static bool Reaches(IReadOnlyList<NamespaceUse> uses, string from, string to)
    {
        HashSet<string> seen = [from];
        for (Queue<string> next = new([from]); next.TryDequeue(out string? one);)
        {
            foreach (string other in uses.Where(use => use.From == one).Select(use => use.To).Where(seen.Add))
            {
                next.Enqueue(other);
            }
        }

        return seen.Contains(to);
    }
}
