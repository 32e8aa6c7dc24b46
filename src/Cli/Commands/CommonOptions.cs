using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Cli.Commands;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    /// <summary><c>--model</c>.</summary>
    public static Option<string> Model() =>
        new FileOption<string>(FileRole.Input, "--model", "-m") { Description = "A .gguf file or a Hugging Face folder", HelpName = "path", Required = true };

    /// <summary><c>--threads</c>.</summary>
    public static Option<int?> Threads() => WholeNumber(
        "--threads",
        string.Create(CultureInfo.InvariantCulture, $"Threads of the engine; by default one for each physical processor ({Processors.Physical} here), as far as the model has work for them"),
        1,
        maximum: ThreadTeam.MostThreads);

    /// <summary>What the user chose, as far as there are processors, with a note where there are fewer; or what suits the model and the machine.</summary>
    public static int Threads(int? chosen, LlamaModel model, Terminal terminal) => Threads(chosen, terminal) ?? model.DefaultThreads;

    /// <summary>What the user chose, if anything, as far as there are processors, with a note where there are fewer.</summary>
    public static int? Threads(int? chosen, Terminal terminal)
    {
        if (chosen > Processors.Logical)
        {
            terminal.Note($"--threads {chosen}: no more threads run than this process has processors ({Processors.Logical}); the result is the same");
        }

        return chosen is { } wanted ? Math.Min(wanted, Processors.Logical) : null;
    }

    /// <summary><c>--arithmetic</c>.</summary>
    public static Option<string> Arithmetic() => NamedValue.Option(
        "--arithmetic",
        "How matrix products are computed: int8 has activations in 16 bits (two int8 planes), as good as float; int8-single has one plane, as llama.cpp has, which is faster for prompts and batches and less exact",
        Inference.Kernels.Arithmetic.Int8);

    /// <summary><c>--seed</c>; 42 by default.</summary>
    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Seed of everything random; the same seed gives the same result",
        HelpName = "n",
        DefaultValueFactory = _ => 42,
        CustomParser = result => Parse(
            result,
            ulong.TryParse(Word(result), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value),
            value,
            "a whole number of at least 0"),
    };

    /// <summary>An option that takes a whole number.</summary>
    public static Option<int> WholeNumber(string name, string description, int minimum, int preset, int? maximum = null) => new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => preset,
        CustomParser = result => WholeNumber(result, minimum, maximum) ?? 0,
    };

    /// <summary>The same without a preset.</summary>
    public static Option<int?> WholeNumber(string name, string description, int minimum, int? maximum = null) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result => WholeNumber(result, minimum, maximum),
    };

    /// <summary>An option that takes a finite number.</summary>
    public static Option<double> Number(string name, string description, double preset) => new(name)
    {
        Description = description,
        HelpName = "x",
        DefaultValueFactory = _ => preset,
        CustomParser = result => Parse(
            result,
            double.TryParse(Word(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value),
            value,
            "a number"),
    };

    /// <summary>An option that takes a number above 0, without a preset.</summary>
    public static Option<double?> Positive(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "x",
        CustomParser = result => Parse<double?>(
            result,
            double.TryParse(Word(result), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value > 0,
            value,
            "a number above 0"),
    };

    /// <summary>An option that takes a number of bytes, without a preset.</summary>
    public static Option<long?> Bytes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "size",
        CustomParser = result => Parse<long?>(
            result, Amount.TryParseBytes(Word(result), out long bytes) && bytes > 0, bytes, "a size with its unit, such as 40MB (millions) or 512KiB (1024s)"),
    };

    private static int? WholeNumber(ArgumentResult result, int minimum, int? maximum = null) => Parse<int?>(
        result,
        int.TryParse(Word(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= minimum && value <= (maximum ?? value),
        value,
        maximum is null ? $"a whole number of at least {minimum}" : $"a whole number from {minimum} to {maximum}");

    private static string Word(ArgumentResult result) => result.Tokens[0].Value;

    private static T? Parse<T>(ArgumentResult result, bool valid, T value, string expected)
    {
        if (valid)
        {
            return value;
        }

        result.AddError($"{((OptionResult)result.Parent!).Option.Name} '{Word(result)}': expected {expected}");
        return default;
    }
}
