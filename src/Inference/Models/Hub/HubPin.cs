namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>What a model's weights must be, whatever a hub says of them.</summary>
/// <param name="Bytes">Size of model.safetensors.</param>
/// <param name="Sha256">Its hash in lower-case hex.</param>
internal sealed record HubPin(long Bytes, string Sha256);
