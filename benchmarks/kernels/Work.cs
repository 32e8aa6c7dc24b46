namespace AdaptiveKv.Kernels;

/// <summary>What one call of a benchmark moves and computes.</summary>
/// <param name="Bytes">Bytes read from weights or cache, each once; 0 where that is not what bounds it.</param>
/// <param name="Products">Multiply-accumulates.</param>
internal readonly record struct Work(double Bytes, double Products);
