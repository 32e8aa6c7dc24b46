namespace AdaptiveKv.Inference;

/// <summary>
/// A controller that comes with the program for one model, and the calibrated transform that it learned with: the folder "controllers" beside the program has one for each model,
/// named by the first sixteen digits of the SHA-256 of its weights. pipelines/ship.yaml makes them.
/// </summary>
/// <param name="Controller">Its file (safetensors).</param>
/// <param name="Transform">File of the transform (safetensors).</param>
public sealed record ShippedController(string Controller, string Transform)
{
    private const int Digits = 16; // Paths of packages have an end on Windows; the transform holds the whole hash, and no other model can use it.

    /// <summary>Finds that of a model.</summary>
    /// <param name="modelSha256">SHA-256 of the weights file(s), lower-case hex.</param>
    /// <returns>Null where none ships.</returns>
    public static ShippedController? Find(string modelSha256)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "controllers", modelSha256[..Digits]);
        return Directory.Exists(folder) ? new(Path.Combine(folder, "controller.safetensors"), Path.Combine(folder, "transform.safetensors")) : null;
    }
}
