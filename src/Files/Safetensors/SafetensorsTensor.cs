namespace AdaptiveKv.Files.Safetensors;

/// <summary>Numbers to be written to a safetensors file.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Shape">Dimensions, the contiguous one last.</param>
/// <param name="Values">As many as the shape says, row after row.</param>
public sealed record SafetensorsTensor(string Name, IReadOnlyList<int> Shape, float[] Values);
