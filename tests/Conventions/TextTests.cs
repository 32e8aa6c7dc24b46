using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>What is committed is finished and says nothing about the machine it was written on.</summary>
public sealed partial class TextTests
{
    // This file spells out what it looks for.
    private static IEnumerable<SourceFile> Texts => SourceTree.Texts.Where(file => Path.GetFileNameWithoutExtension(file.Path) != nameof(TextTests));

    [Fact]
    public void NothingIsLeftForLater() => Rule.Holds(Texts.Find(Later()));

    [Fact]
    public void NothingIsAPlaceholder() => Rule.Holds(SourceTree.Product.FindInCode(Placeholder()));

    [Fact]
    public void NoMachinePaths() => Rule.Holds(Texts.Find(MachinePath()));

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Later();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?<![\w.~])/(work|home|root|Users)/")]
    private static partial Regex MachinePath();
}
