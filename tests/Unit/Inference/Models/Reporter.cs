namespace AdaptiveKv.Unit.Inference.Models;

/// <summary>Progress that is told at once, on the caller's thread.</summary>
internal sealed class Reporter<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
