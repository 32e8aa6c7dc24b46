using AdaptiveKv.Torch;

namespace AdaptiveKv.Unit.Torch;

public sealed class OldStandardLibraryTests
{
    private static readonly byte[] Binding = Original();

    [Fact]
    public void What_older_libraries_lack_is_asked_for_no_more()
    {
        Require();
        byte[] patched = OldStandardLibrary.Patch(Binding, "b.so");

        ElfSymbols before = new([.. Binding]), after = new(patched);
        int changed = Assert.Single(Enumerable.Range(0, after.Count), symbol => before.NameOf(symbol) != after.NameOf(symbol) || before.VersionOf(symbol) != after.VersionOf(symbol));
        Assert.Equal(("_ZSt21ios_base_library_initv", "sched_yield", 1), (before.NameOf(changed), after.NameOf(changed), after.VersionOf(changed)));
        // The name, the symbol's version, the version's flag: the loader would refuse a file that lacks another.
        Assert.InRange(Binding.Zip(patched).Count(pair => pair.First != pair.Second), 1, 28 + 2 + 1);
        Assert.Equal(Binding.Length, patched.Length);
    }

    [Fact]
    public void Another_file_is_refused()
    {
        Refused("no 64-bit ELF file", [.. "MZ no ELF file at all"u8]);
        Refused("no 64-bit ELF file", []);
        Require();
        Refused("cannot be adapted", OldStandardLibrary.Patch(Binding, "b.so"));
        Refused("cannot be adapted", [.. Binding.AsSpan(0, Binding.Length / 2)]);
    }

    [Fact]
    public void Damage_ends_in_one_error_or_in_a_file()
    {
        Require();
        for (int i = 0; i < 64 * 3; i++)
        {
            // The header, and the table of sections at the end.
            byte[] damaged = [.. Binding];
            int at = i < 64 ? i : Binding.Length - (64 * 40) + (i * 13);
            damaged[at] ^= 0xFF;
            Assert.True(Record.Exception(() => OldStandardLibrary.Patch(damaged, "b.so")) is null or IOException);
        }
    }

    private static void Refused(string problem, byte[] bytes) =>
        Assert.Contains(problem, Assert.Throws<IOException>(() => OldStandardLibrary.Patch(bytes, "b.so")).Message, StringComparison.Ordinal);

    private static void Require() => Assert.SkipUnless(Binding.Length > 0, "needs TorchSharp's binding for Linux");

    private static byte[] Original()
    {
        string path = TorchLibraries.Find().Binding;
        return path.EndsWith(".so", StringComparison.Ordinal) ? File.ReadAllBytes(path) : [];
    }
}
