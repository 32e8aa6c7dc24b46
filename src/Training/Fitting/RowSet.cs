namespace AdaptiveKv.Training.Fitting;

/// <summary>Labelled rows of one split.</summary>
/// <param name="Inputs">Scaled features, [rows][features]; an unknown one is 0, its mean.</param>
/// <param name="Labels">Place of the right tier, [rows].</param>
/// <param name="Losses">What each tier loses of quality, [rows][tiers].</param>
internal sealed record RowSet(float[] Inputs, int[] Labels, float[] Losses)
{
    /// <summary>Number of the item that each row is of, [rows]; empty where every row is one.</summary>
    public int[] Items { get; init; } = [];

    /// <summary>Number of rows.</summary>
    public int Rows => Labels.Length;

    /// <summary>Features of a row.</summary>
    public int Width => Inputs.Length / Rows;

    /// <summary>Tiers to choose from.</summary>
    public int Tiers => Losses.Length / Rows;
}
