namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A figure that a stage writes under <c>metrics:</c>.</summary>
/// <param name="Name">Its key, wherever in the file it stands.</param>
/// <param name="Better">Which of two values is the better one.</param>
/// <param name="Description">What it is.</param>
/// <param name="Unit">What it is measured in; null for a pure number, such as a share.</param>
public sealed record StageMetric(string Name, Better Better, string Description, string? Unit = null);
