namespace AdaptiveKv.Files.Safetensors;

/// <summary>A tensor of any type that is written piece by piece.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="DataType">Name of the element type ("U8").</param>
/// <param name="Shape">Dimensions, the contiguous one last.</param>
/// <param name="Bytes">As many as the shape says.</param>
/// <param name="Write">Writes them.</param>
public sealed record SafetensorsContent(string Name, string DataType, IReadOnlyList<int> Shape, long Bytes, Action<Stream> Write);
