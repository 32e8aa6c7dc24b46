using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>Makes lost or damaged manifests of a stage again where its outs are, byte for byte, what was recorded of them: no work is lost with a list.</summary>
internal static class ManifestRestoration
{
    /// <param name="stage">The stage.</param>
    /// <param name="locked">What was recorded.</param>
    /// <param name="publisher">Of the stage's folder, whose lock the caller holds.</param>
    /// <returns>Whether a manifest was written.</returns>
    public static bool TryRestore(PipelineStage stage, LockedStage locked, ArtifactPublisher publisher)
    {
        List<ManifestEntry> entries = [];
        bool restored = false;
        foreach (StageOut made in stage.Outs)
        {
            string name = ArtifactName.Of(made);
            string path = Path.Combine(stage.Folder, name);
            if (!locked.Outs.TryGetValue(made.Name, out LockedFile? old))
            {
                return false;
            }

            restored |= made.Segmented && SegmentLog.Restore(made.FullPath, old.Sha256);
            if (!File.Exists(path) || ManifestEntry.Of(path, name, locked.Inputs) is var entry && entry.Sha256 != old.Sha256)
            {
                return false;
            }

            entries.Add(entry);
        }

        if (!entries.All(entry => publisher.Manifest.Lists(entry.Path, entry.Sha256, locked.Inputs)))
        {
            publisher.List(entries);
            restored = true;
        }

        return restored;
    }
}
