namespace AdaptiveKv.Cli;

/// <summary>Reports the amount that a stage's own progress value stands for.</summary>
/// <param name="target">Hears amounts.</param>
/// <param name="amount">The amount of a value.</param>
internal sealed class ConvertedProgress<T>(IProgress<long> target, Func<T, long> amount) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => target.Report(amount(value));
}
