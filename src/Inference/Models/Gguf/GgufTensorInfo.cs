namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>What a GGUF header says about one tensor, checked against the file's length.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Type">Storage type.</param>
/// <param name="Rows">Product of all dimensions but the first.</param>
/// <param name="Columns">The first dimension, contiguous in storage.</param>
/// <param name="HeaderOffset">Byte offset of this description, for errors.</param>
/// <param name="DataOffset">Byte offset of the first row in the file.</param>
/// <param name="Bytes">Bytes of all rows.</param>
internal sealed record GgufTensorInfo(string Name, TensorType Type, int Rows, int Columns, int HeaderOffset, long DataOffset, long Bytes);
