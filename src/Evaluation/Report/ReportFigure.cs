using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Pictures and the table of the same figures.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">What the figures mean.</param>
/// <param name="Table">Every figure that the pictures show.</param>
internal sealed record ReportFigure(string Title, string Note, TextTable Table)
{
    /// <summary>None where a table says it all.</summary>
    public IReadOnlyList<Plot> Pictures { get; init; } = [];
}
