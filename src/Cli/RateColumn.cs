using Spectre.Console;
using Spectre.Console.Rendering;

namespace AdaptiveKv.Cli;

/// <summary>A column of a live progress bar: amount per second.</summary>
/// <param name="unit">As in <see cref="Amount.Text(double, string)"/>.</param>
internal sealed class RateColumn(string unit) : ProgressColumn
{
    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.Speed is { } speed ? Amount.Text(speed, unit) + "/s" : string.Empty);
}
