namespace AdaptiveKv.Inference.Decoding;

/// <summary>Receives the next-token logits after one row of a batch.</summary>
/// <param name="row">Row of the batch.</param>
/// <param name="logits">[vocabulary]; valid during the call, free to be overwritten.</param>
public delegate void LogitsVisitor(int row, Span<float> logits);
