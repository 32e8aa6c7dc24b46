namespace AdaptiveKv.Files.Safetensors;

/// <summary>What stands before the data of a safetensors file.</summary>
/// <param name="Entries">The tensors, in the order of their data.</param>
/// <param name="DataStart">Byte offset of the data.</param>
/// <param name="Metadata">The strings under "__metadata__".</param>
public sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, long DataStart, IReadOnlyDictionary<string, string> Metadata);
