namespace AdaptiveKv.Policies.Control;

/// <summary>What a controller's network was trained with: other versions, devices and kernels sum in another order and give other last digits.</summary>
/// <param name="TorchSharp">Version of TorchSharp.</param>
/// <param name="LibTorch">Version of libtorch.</param>
/// <param name="Device">"cpu", "cuda:0".</param>
/// <param name="Kernels">The instruction set that libtorch chooses on the CPU: "AVX512", "AVX2", "DEFAULT".</param>
public sealed record TrainerRecord(string TorchSharp, string LibTorch, string Device, string Kernels);
