using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>The same seed gives the same bytes: clocks and chance are passed in, threads come from the one team.</summary>
public sealed partial class ReproducibilityTests
{
    [Fact]
    public void NoAmbientTimeOrRandomness() => Rule.Holds(SourceTree.Product.FindInCode(Ambient()));

    [Fact]
    public void OnlyTheCommandLineTakesTheSystemClock() => Rule.Holds(Engine.FindInCode(SystemClock()));

    [Fact]
    public void OnlyProgramsUseTheConsole() => Rule.Holds(Engine.Except(SourceTree.ProductIn("src/Export/Program.cs")).FindInCode(Terminal()));

    [Fact]
    public void TheDecoderUsesNoThreadPool() =>
        Rule.Holds(SourceTree.ProductIn("src/Inference/").Concat(SourceTree.ProductIn("src/KvCache/")).FindInCode(ThreadPool()));

    private static IEnumerable<SourceFile> Engine => SourceTree.Product.Except(SourceTree.ProductIn("src/Cli/"));

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b|\bRandom\.Shared\b|\bnew Random\(|\bGuid\.NewGuid\b|\bEnvironment\.TickCount")]
    private static partial Regex Ambient();

    [GeneratedRegex(@"\bTimeProvider\.System\b")]
    private static partial Regex SystemClock();

    [GeneratedRegex(@"\bConsole\.")]
    private static partial Regex Terminal();

    [GeneratedRegex(@"\bParallel\.|\bTask\.(Run|Factory)\b|\bThreadPool\.|\.AsParallel\(")]
    private static partial Regex ThreadPool();
}
