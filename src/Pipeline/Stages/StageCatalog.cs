namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The stages that pipeline files can use, by name.</summary>
/// <param name="kinds">Their names differ.</param>
public sealed class StageCatalog(IEnumerable<StageKind> kinds)
{
    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, StageKind> Kinds { get; } = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);
}
