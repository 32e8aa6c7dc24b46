using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>What the engine holds outside the managed heap is counted in one place.</summary>
public sealed partial class MemoryTests
{
    private const string Heap = "src/KvCache/NativeHeap.cs";

    [Fact]
    public void NativeMemoryComesFromTheNativeHeap()
    {
        Assert.NotEmpty(SourceTree.ProductIn(Heap).FindInCode(Allocation()));
        Rule.Holds(SourceTree.Product.Where(file => file.Path != Heap).FindInCode(Allocation()));
    }

    [GeneratedRegex(@"\bNativeMemory\.(?!Clear\b|Copy\b|Fill\b)|\bMarshal\.(ReAlloc|Alloc)")]
    private static partial Regex Allocation();
}
