namespace AdaptiveKv.Files.Safetensors;

/// <summary>What a safetensors header says about one tensor.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="DataType">Name of the element type ("BF16").</param>
/// <param name="Shape">Dimensions, the contiguous one last.</param>
/// <param name="Begin">First byte, in the data section.</param>
/// <param name="End">Byte after the last, in the data section.</param>
/// <param name="HeaderOffset">Byte offset of the name in the file, for errors.</param>
public sealed record SafetensorsEntry(string Name, string DataType, IReadOnlyList<long> Shape, long Begin, long End, long HeaderOffset);
