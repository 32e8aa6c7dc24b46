namespace AdaptiveKv.Cli;

/// <summary>Hears one kind of progress and reports another.</summary>
/// <param name="target">Hears the converted values.</param>
/// <param name="convert">From a stage's own progress to what the terminal shows.</param>
internal sealed class ConvertedProgress<TFrom, TTo>(IProgress<TTo> target, Func<TFrom, TTo> convert) : IProgress<TFrom>
{
    public void Report(TFrom value) => target.Report(convert(value));
}
