namespace AdaptiveKv.Cli.Commands;

/// <summary>The tensors of one storage type.</summary>
/// <param name="Type">Name of the type ("Q4_1").</param>
/// <param name="Tensors">How many.</param>
/// <param name="Bytes">As stored.</param>
internal sealed record StorageSummary(string Type, int Tensors, long Bytes);
