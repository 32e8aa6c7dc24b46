using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>Tables between stages are declared in one place, and libraries that are not the operating system's are called through their own packages.</summary>
public sealed partial class TableTests
{
    [Fact]
    public void TablesAreDeclaredInOneProject() => Rule.Holds(SourceTree.Product.Except(SourceTree.ProductIn("src/Data/")).FindInCode(Declaration()));

    [Fact]
    public void OnlyTheOperatingSystemIsCalledByImports() => Rule.Holds(SourceTree.Product.FindInCode(ForeignImport()));

    [GeneratedRegex(@"\bnew TableSchema\(|\bTableSchema \w+ = new\(")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\((?!""(libc|kernel32)"")")]
    private static partial Regex ForeignImport();
}
