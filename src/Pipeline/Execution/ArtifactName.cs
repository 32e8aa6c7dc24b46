using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>The name by which the manifest of a stage's folder lists an out.</summary>
internal static class ArtifactName
{
    public static string Of(StageOut made) => made.Segmented ? $"{made.FileName}/{Manifest.FileName}" : made.FileName;
}
